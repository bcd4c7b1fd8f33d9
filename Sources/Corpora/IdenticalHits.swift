/// Queries of a run that have a hit with their own id, recognised by the ids alone.
package struct IdenticalHits: Sendable, Equatable {
  /// The number of queries with such a hit.
  package private(set) var queries = 0
  /// The number of these whose hit no other one outranks.
  package private(set) var first = 0

  /// A count of no queries.
  package init() {}

  /// Counts a query by its hits.
  package mutating func add(_ ranking: GradedRun.Ranking) {
    guard let place = ranking.identical else { return }
    queries += 1
    if ranking.isFirst(place) { first += 1 }
  }

  /// A note for the user if such hits are evaluated like others; nil if there are none.
  ///
  /// - Parameters:
  ///   - whose: the name of the run.
  ///   - count: the number of evaluated queries.
  ///   - option: the option that excludes such hits.
  package func note(_ whose: String, of count: Int, option: String) -> String? {
    guard queries > 0 else { return nil }
    return
      "\(whose): \(queries) of \(count) queries have a hit with their own id, \(first) of them "
      + "at rank 1. Where queries are documents of the corpus, \(option) excludes such hits, as "
      + "BEIR does"
  }
}

extension GradedRun.Ranking {
  /// Whether no score exceeds the one at `place`, compared in 32 bits, as in runs.
  fileprivate func isFirst(_ place: Int) -> Bool {
    scores.allSatisfy { Float($0) <= Float(scores[place]) }
  }
}
