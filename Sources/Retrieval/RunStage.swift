public import Corpora
public import Diagnostics
public import Files

/// What some system ranked already: a first stage that looks its answers up in a run, by the ids of
/// the queries. A query that the run does not have gets nothing. Of equal scores those come first
/// whose ids are highest, as trec_eval has it.
public struct RunStage: FirstStage, Sendable {
  /// The run's tag.
  public let name: String
  /// What is wrong with the characters of the run's file.
  public var textFaults: TextFaults { run.textFaults }
  /// A checksum of the run's lines.
  public let fingerprint: String
  private let run: RunFile

  /// A stage that answers with a TREC run file, plain, compressed or in an archive. Memory grows
  /// with its queries, not with its documents.
  ///
  /// - Throws: what opening the run does.
  public init(opening path: String) throws(Failure) {
    run = try RunFile(opening: path)
    name = run.tag.isEmpty ? "run" : run.tag
    fingerprint = run.fingerprint
  }

  /// The documents that the run has for each query.
  ///
  /// - Throws: `badData` where a document occurs twice for a query.
  public func search(
    _ queries: [Query], depth: Int
  ) throws(Failure) -> [[ScoredDocument]] {
    try queries.map { query throws(Failure) in
      Array(try run.documents(of: query.id).prefix(max(0, depth)))
    }
  }
}
