/// `infAP`: average precision estimated from a pool of which only a sample was judged.
struct InferredAveragePrecision: MeasureFunction {
  static let description = MeasureDescription(
    name: "infAP",
    meaning: "inferred average precision: AP estimated where a sample of the pool is judged;"
      + " negative grades mark unjudged documents of the pool",
    source: "Yilmaz & Aslam 2006", takesCutoff: false, parameters: [.relevance])

  /// A constant that keeps the estimate finite if no document above is judged; trec_eval's value.
  private static let epsilon = 0.00001
  private let relevance: Double

  init(_ parameters: MeasureParameters) { relevance = parameters.number("rel") }

  func value(of query: RankedQuery) -> Double {
    var (relevant, nonRelevant, unjudgedInPool, sum) = (0, 0, 0, 0.0)
    for (above, grade) in query.ranked.enumerated() {
      guard let grade else { continue }
      if grade < 0 {
        unjudgedInPool += 1
      } else if grade < relevance {
        nonRelevant += 1
      } else {
        // The precision expected at this rank: the document itself, and for those above it the
        // share in the pool times the share of relevant ones among the judged.
        let rank = Double(above + 1)
        let pooled = Double(relevant + nonRelevant + unjudgedInPool)
        let share =
          (Double(relevant) + Self.epsilon)
          / (Double(relevant + nonRelevant) + 2 * Self.epsilon)
        sum += above == 0 ? 1 : 1 / rank + Double(above) / rank * (pooled / Double(above)) * share
        relevant += 1
      }
    }
    return ratio(sum, query.relevantCount(from: relevance))
  }
}
