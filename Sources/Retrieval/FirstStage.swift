public import Corpora
public import Diagnostics

/// A first stage: names the documents that a query is worth comparing with, from however many there
/// are.
///
/// The answer to a query depends on the query alone, not on the others of the call.
public protocol FirstStage {
  /// What messages and reports call it.
  var name: String { get }

  /// A text that differs where answers may: a job that was begun with another does not go on with
  /// this one. It does not say where anything lies.
  var fingerprint: String { get }

  /// The documents found for each query, in the queries' order: best first, at most `depth` each,
  /// no document more than once. Of equal scores those come first that are first in the index.
  ///
  /// - Throws: `Failure` where the stage cannot answer.
  func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]]
}

extension FirstStage {
  /// The documents found for each query; if `withoutIdenticalIDs`, a hit with the query's own id is
  /// left out, and another document takes its place.
  ///
  /// - Throws: what searching does.
  package func search(
    _ queries: [Query], depth: Int, withoutIdenticalIDs: Bool
  ) throws(Failure) -> [[ScoredDocument]] {
    guard withoutIdenticalIDs else { return try search(queries, depth: depth) }
    return zip(queries, try search(queries, depth: depth + 1)).map { query, answer in
      Array(answer.without(id: query.id).prefix(depth))
    }
  }
}
