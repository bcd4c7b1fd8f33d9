public import Corpora
public import Diagnostics

/// What some system ranked already: a first stage that looks its answers up in a run, by the ids of
/// the queries. A query that the run does not have gets nothing. Of equal scores those come first
/// whose ids are highest, as trec_eval has it.
public struct RunStage: FirstStage, Sendable {
  /// The run's tag.
  public let name: String
  /// The run.
  public let run: Run

  /// A stage that answers with a run.
  public init(_ run: Run) {
    self.run = run
    name = run.tag.isEmpty ? "run" : run.tag
  }

  /// A stage that answers with a TREC run file, plain, compressed or in an archive.
  ///
  /// - Throws: what reading the run does.
  public init(opening path: String) throws(Failure) { self.init(try Run(opening: path)) }

  /// The documents that the run has for each query.
  public func search(
    _ queries: [Query], depth: Int
  ) throws(Failure) -> [[ScoredDocument]] {
    queries.map { Array(run.documents(of: $0.id).prefix(max(0, depth))) }
  }
}
