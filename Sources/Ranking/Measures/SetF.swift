/// `SetF`: the weighted harmonic mean of set precision and set recall.
struct SetF: MeasureFunction {
  static let description = MeasureDescription(
    name: "SetF",
    meaning: "set F: (beta + 1) · SetP · SetR / (beta · SetP + SetR); trec_eval's beta, which is"
      + " the square of van Rijsbergen's",
    source: "van Rijsbergen 1979", takesCutoff: false,
    parameters: [
      .relevance,
      MeasureParameter(
        "beta", .real(0...1e6), default: .number(1), "the weight of recall relative to precision"),
    ])

  private let relevance: Double
  private let beta: Double

  init(_ parameters: MeasureParameters) {
    relevance = parameters.number("rel")
    beta = parameters.number("beta")
  }

  func value(of query: RankedQuery) -> Double {
    let found = Double(query.relevantRetrieved(from: relevance))
    guard found > 0 else { return 0 }
    let precision = ratio(found, query.ranked.count)
    let recall = ratio(found, query.relevantCount(from: relevance))
    return (beta + 1) * precision * recall / (beta * precision + recall)
  }
}
