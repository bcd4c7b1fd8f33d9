/// `SetR`: the share of the relevant documents that are retrieved.
struct SetRecall: MeasureFunction {
  static let description = MeasureDescription(
    name: "SetR",
    meaning: "set recall: relevant documents retrieved, over all relevant ones",
    source: "Kent et al. 1955", takesCutoff: false, parameters: [.relevance])

  private let relevance: Double

  init(_ parameters: MeasureParameters) { relevance = parameters.number("rel") }

  func value(of query: RankedQuery) -> Double {
    ratio(
      Double(query.relevantRetrieved(from: relevance)), query.relevantCount(from: relevance))
  }
}
