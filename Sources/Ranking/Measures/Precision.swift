/// `P`: the share of relevant documents among the first k.
struct Precision: MeasureFunction {
  static let description = MeasureDescription(
    name: "P", aliases: ["Precision"],
    meaning: "precision: relevant documents among the first k, over k; over all retrieved"
      + " without k",
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
      cutoff ?? query.ranked.count)
  }
}
