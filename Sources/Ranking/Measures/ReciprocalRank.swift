/// `RR`: one over the rank of the first relevant document.
struct ReciprocalRank: MeasureFunction {
  static let description = MeasureDescription(
    name: "RR", aliases: ["MRR"],
    meaning: "reciprocal rank: 1 over the rank of the first relevant document",
    source: "Kantor & Voorhees 2000", parameters: [.relevance])

  private let cutoff: Int?
  private let relevance: Double

  init(_ parameters: MeasureParameters) {
    cutoff = parameters.cutoff
    relevance = parameters.number("rel")
  }

  func value(of query: RankedQuery) -> Double {
    let first = query.top(cutoff).firstIndex { isRelevant($0, from: relevance) }
    return first.map { 1 / Double($0 + 1) } ?? 0
  }
}
