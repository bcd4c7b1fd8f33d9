public import Corpora
public import Diagnostics
public import Files

/// The results of an existing system: a first stage that looks them up in a run, by the ids of the
/// queries. A query that is not in the run gets no documents. Documents with equal scores are in
/// descending order of their ids, as in trec_eval.
public struct RunStage: FirstStage, Sendable {
  /// The run's tag.
  public let name: String
  /// Encoding errors of the run's file.
  public var textFaults: TextFaults { run.textFaults }
  /// The run's queries, in the order of their first lines.
  public var queries: [String] { run.queries }
  /// A checksum of the run's lines.
  public let fingerprint: String
  private let run: RunFile

  /// A stage over a TREC run file, plain, compressed or in an archive. Memory grows with its
  /// queries, not with its documents.
  ///
  /// - Throws: errors of opening the run.
  public init(opening path: String) throws(Failure) {
    run = try RunFile(opening: path)
    name = run.tag.isEmpty ? "run" : run.tag
    fingerprint = run.fingerprint
  }

  /// The run's documents for each query.
  ///
  /// - Throws: `badData` if a query has a duplicate document.
  public func search(
    _ queries: [Query], depth: Int
  ) throws(Failure) -> [[ScoredDocument]] {
    try queries.map { query throws(Failure) in
      Array(try run.documents(of: query.id).prefix(max(0, depth)))
    }
  }
}
