package import Corpora
package import Diagnostics
import Files

/// What a first stage found for queries, as a run file that is written while it is searched: memory
/// grows with neither the queries nor the depth.
package struct SearchedRun: Sendable, Equatable {
  /// The number of queries searched.
  package private(set) var queries = 0
  /// The number of documents found for all of them.
  package private(set) var documents = 0
  /// The number of queries for which nothing was found.
  package private(set) var withoutDocuments = 0

  /// The number of queries searched together.
  private static let queriesAtOnce = 256

  /// Searches a stage and writes the run atomically.
  ///
  /// - Parameters:
  ///   - depth: the maximum number of documents of a query.
  ///   - withoutIdenticalIDs: whether hits with their query's own id are left out; other documents
  ///     take their places.
  ///   - tag: the name of the system; white space in it is replaced.
  ///   - visit: receives each query with its documents.
  ///   - progress: receives the number of queries done.
  /// - Throws: errors of the search; `badData` if an id cannot be written in a run; `cannotCreate`
  ///   or `io`.
  package init(
    _ stage: any FirstStage, _ searched: [Query], depth: Int, withoutIdenticalIDs: Bool,
    tag: String, to path: String,
    visit: (Query, [ScoredDocument]) throws(Failure) -> Void = { _, _ in },
    progress: (Int) -> Void = { _ in }
  ) throws(Failure) {
    var counts = SearchedRun()
    let tag = String(tag.map { $0.isWhitespace ? "_" : $0 })
    try writeAtomically(to: path) { file throws(Failure) in
      while counts.queries < searched.count {
        let part = Array(searched.dropFirst(counts.queries).prefix(Self.queriesAtOnce))
        let answers = try stage.search(
          part, depth: depth, withoutIdenticalIDs: withoutIdenticalIDs)
        for (query, answer) in zip(part, answers) { try visit(query, answer) }
        let run = Run(zip(part, answers).map { ($0.id, $1) }, tag: tag, from: path)
        try run.append(to: &file, path)
        counts.queries += part.count
        counts.documents += answers.reduce(0) { $0 + $1.count }
        counts.withoutDocuments += answers.count(where: \.isEmpty)
        progress(counts.queries)
      }
    }
    self = counts
  }

  private init() {}
}
