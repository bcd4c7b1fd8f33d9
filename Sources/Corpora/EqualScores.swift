/// Queries all of whose candidates have one score, so that nothing but the order of their ids ranks
/// them.
package struct EqualScores: Sendable, Equatable {
  /// Queries with two candidates or more.
  package private(set) var queries = 0
  /// Those of them whose scores are all equal.
  package private(set) var equal = 0
  /// The first of those.
  package private(set) var example: String?

  /// No queries yet.
  package init() {}

  /// Looks at the scores of a query's candidates, in the 32 bits in which runs are compared.
  package mutating func add(_ query: String, _ scores: some Swift.Collection<Double>) {
    guard scores.count > 1, let first = scores.first else { return }
    queries += 1
    guard scores.allSatisfy({ Float($0) == Float(first) }) else { return }
    equal += 1
    if example == nil { example = query }
  }

  /// A warning where there are such queries, after the name of the run, `whose`; nil where there
  /// are none.
  package func warning(_ whose: String) -> String? {
    guard let example else { return nil }
    return "\(whose): all scores of a query are equal for \(equal) of \(queries) queries with two "
      + "candidates or more, such as '\(example)': their order is that of the ids"
  }
}
