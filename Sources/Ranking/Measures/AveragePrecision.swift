/// `AP`: the mean of the precision at each relevant document's rank.
struct AveragePrecision: MeasureFunction {
  static let description = MeasureDescription(
    name: "AP", aliases: ["MAP"],
    meaning: "average precision: the mean over all relevant documents of the precision at their"
      + " ranks, 0 where not retrieved",
    source: "Harman 1992", parameters: [.relevance])

  private let cutoff: Int?
  private let relevance: Double

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    relevance = parameters.number("rel")
  }

  func value(of query: RankedQuery) -> Double {
    var (found, rank, sum) = (0, 0, 0.0)
    for grade in query.top(cutoff) {
      rank += 1
      if isRelevant(grade, from: relevance) {
        found += 1
        sum += Double(found) / Double(rank)
      }
    }
    return ratio(sum, query.relevantCount(from: relevance))
  }
}
