/// Queries whose candidates all have the same score, so that only the order of ids ranks them.
package struct EqualScores: Sendable, Equatable {
  /// The number of queries with two or more candidates.
  package private(set) var queries = 0
  /// The number of these whose scores are all equal.
  package private(set) var equal = 0
  /// The first query with equal scores.
  package private(set) var example: String?

  /// A count of no queries.
  package init() {}

  /// Counts a query by the scores of its candidates, compared in 32 bits, as in runs.
  package mutating func add(_ query: String, _ scores: some Swift.Collection<Double>) {
    guard scores.count > 1, let first = scores.first else { return }
    queries += 1
    guard scores.allSatisfy({ Float($0) == Float(first) }) else { return }
    equal += 1
    if example == nil { example = query }
  }

  /// A warning about such queries that begins with the name of the run, `whose`; nil if there are
  /// none.
  package func warning(_ whose: String) -> String? {
    guard let example else { return nil }
    return "\(whose): all scores of a query are equal for \(equal) of \(queries) queries with two "
      + "candidates or more, such as '\(example)': ties are ordered by id"
  }
}
