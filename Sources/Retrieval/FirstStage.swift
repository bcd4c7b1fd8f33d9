public import Corpora
public import Diagnostics

/// A first stage: selects the candidates for a query from a collection of any size.
///
/// The result for a query does not depend on the other queries of the call.
public protocol FirstStage {
  /// The name in messages and reports.
  var name: String { get }

  /// A string that changes whenever results may change: a job that was started with a different
  /// first stage cannot be resumed with this one. It does not contain paths.
  var fingerprint: String { get }

  /// The documents found for each query, in the queries' order: best first, at most `depth` each,
  /// no document more than once. Documents with equal scores are in the order of the index.
  ///
  /// - Throws: `Failure` if the stage cannot be searched.
  func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]]
}

extension FirstStage {
  /// The documents found for each query; if `withoutIdenticalIDs`, a hit with the query's own id is
  /// removed, and the next document takes its place.
  ///
  /// - Throws: errors of the search.
  package func search(
    _ queries: [Query], depth: Int, withoutIdenticalIDs: Bool
  ) throws(Failure) -> [[ScoredDocument]] {
    guard withoutIdenticalIDs else { return try search(queries, depth: depth) }
    return zip(queries, try search(queries, depth: depth + 1)).map { query, answer in
      Array(answer.without(id: query.id).prefix(depth))
    }
  }
}
