/// `Success`: whether any of the first k documents is relevant.
struct Success: MeasureFunction {
  static let description = MeasureDescription(
    name: "Success",
    meaning: "1 where there is a relevant document among the first k, else 0",
    source: "trec_eval's success", parameters: [.relevance])

  private let cutoff: Int?
  private let relevance: Double

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    relevance = parameters.number("rel")
  }

  func value(of query: RankedQuery) -> Double {
    query.top(cutoff).contains { isRelevant($0, from: relevance) } ? 1 : 0
  }
}
