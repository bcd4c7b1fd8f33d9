package import Diagnostics

/// The ceiling of a reranker that receives only the first documents of a run.
package struct DepthCeiling: Sendable, Equatable {
  /// The default depths.
  package static let standard = [10, 20, 50, 100, 200, 500, 1000]

  /// The number of documents per query.
  package let depth: Int
  /// Recall: the share of the relevant documents among these, as a mean over queries.
  package let recall: Double
  /// The measures whose ceilings were computed.
  package let measures: [Measure]
  /// The ceilings of the measures, `[measures]`.
  package let ceilings: [Double]

  /// The ceilings at `depths`, up to the first depth that no query exceeds.
  ///
  /// - Throws: `badData` if a measure is undefined for the grades.
  package static func all(
    _ rankings: [QueryRanking], _ measures: [Measure], at depths: [Int]
  ) throws(Failure) -> [DepthCeiling] {
    let deepest = rankings.map(\.ranked.ranked.count).max() ?? 0
    var result: [DepthCeiling] = []
    for depth in depths where result.last.map({ $0.depth < deepest }) ?? true {
      let cut = rankings.map { QueryRanking(query: $0.query, ranked: $0.ranked.prefix(depth)) }
      let best = try Evaluation(of: cut, measures: measures, order: .best)
      let recall = try Evaluation(of: cut, measures: [recall(for: measures)])
      result.append(
        DepthCeiling(
          depth: min(depth, deepest), recall: recall.means[0], measures: measures,
          ceilings: best.means))
    }
    return result
  }

  /// The recall that is printed beside measures, with the relevance threshold of the first of them.
  package static func recall(for measures: [Measure]) throws(Failure) -> Measure {
    let relevance = measures.lazy.compactMap(\.relevance).first ?? 1
    return try Measure(parsing: "R(rel=\(relevance))")
  }
}
