/// `R`: the share of the relevant documents that are among the first k.
struct Recall: MeasureFunction {
  static let description = MeasureDescription(
    name: "R", aliases: ["Recall"],
    meaning: "recall: relevant documents among the first k, over all relevant ones",
    source: "Kent et al. 1955", parameters: [.relevance])

  private let cutoff: Int?
  private let relevance: Double

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    relevance = parameters.number("rel")
  }

  func value(of query: RankedQuery) -> Double {
    ratio(
      Double(query.relevantRetrieved(from: relevance, cutoff: cutoff)),
      query.relevantCount(from: relevance))
  }
}
