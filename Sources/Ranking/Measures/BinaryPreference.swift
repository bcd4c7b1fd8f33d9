/// `Bpref`: how often judged documents that are not relevant rank above relevant ones.
struct BinaryPreference: MeasureFunction {
  static let description = MeasureDescription(
    name: "Bpref", aliases: ["BPref"],
    meaning: "binary preference: the mean over the relevant documents of 1 less the share of the"
      + " first R judged non-relevant ones that rank above them; unjudged documents are ignored",
    source: "Buckley & Voorhees 2004", takesCutoff: false,
    takesJudgedOnly: false, parameters: [.relevance])

  private let relevance: Double

  init(_ parameters: MeasureParameters) { relevance = parameters.number("rel") }

  func value(of query: RankedQuery) -> Double {
    let relevant = query.relevantCount(from: relevance)
    // A negative grade means that a document was in the pool and not judged, as in trec_eval.
    let nonRelevant = query.judged.count { $0 >= 0 && $0 < relevance }
    let most = min(relevant, nonRelevant)
    var (above, sum) = (0, 0.0)
    for case let grade? in query.ranked where grade >= 0 {
      if grade < relevance {
        above += 1
      } else {
        sum += above == 0 ? 1 : 1 - Double(min(above, relevant)) / Double(most)
      }
    }
    return ratio(sum, relevant)
  }
}
