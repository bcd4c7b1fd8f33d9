/// Queries of a run that have a hit with their own id, told by the ids alone.
package struct IdenticalHits: Sendable, Equatable {
  /// How many queries have one.
  package private(set) var queries = 0
  /// How many of them have no hit above it.
  package private(set) var first = 0

  /// No queries yet.
  package init() {}

  /// Looks at the hits of a query.
  package mutating func add(_ ranking: GradedRun.Ranking) {
    guard let place = ranking.identical else { return }
    queries += 1
    if ranking.isFirst(place) { first += 1 }
  }

  /// A note for the user where such hits count like others; nil where there are none.
  ///
  /// - Parameters:
  ///   - whose: the run.
  ///   - count: how many queries count.
  ///   - option: what leaves such hits out.
  package func note(_ whose: String, of count: Int, option: String) -> String? {
    guard queries > 0 else { return nil }
    return
      "\(whose): \(queries) of \(count) queries have a hit with their own id, \(first) of them "
      + "at rank 1. Where queries are documents of the corpus, \(option) leaves such hits out, as "
      + "BEIR does"
  }
}

extension GradedRun.Ranking {
  /// Whether no score is above that at `place`, in the 32 bits in which runs are compared.
  fileprivate func isFirst(_ place: Int) -> Bool {
    scores.allSatisfy { Float($0) <= Float(scores[place]) }
  }
}
