/// `SetP`: the share of relevant documents among all retrieved.
struct SetPrecision: MeasureFunction {
  static let description = MeasureDescription(
    name: "SetP",
    meaning: "set precision: relevant documents retrieved, over all retrieved",
    source: "Kent et al. 1955", takesCutoff: false, parameters: [.relevance])

  private let relevance: Double

  init(_ parameters: MeasureParameters) { relevance = parameters.number("rel") }

  func value(of query: RankedQuery) -> Double {
    ratio(Double(query.relevantRetrieved(from: relevance)), query.ranked.count)
  }
}
