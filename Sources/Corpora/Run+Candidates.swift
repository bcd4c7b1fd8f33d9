package import Diagnostics

extension Run {
  /// The top documents of every query, to be reranked or scored.
  ///
  /// - Parameters:
  ///   - depth: the maximum number of documents per query.
  ///   - option: the option that excludes hits with their query's own id, if it was given: other
  ///     documents then take their places. Nil retains such hits.
  /// - Returns: the candidates, and a note on queries that are left without candidates.
  /// - Throws: `badData` if no query has a candidate left.
  package func candidates(
    depth: Int, withoutIdenticalIDs option: String?
  ) throws(Failure) -> (run: Run, note: String?) {
    guard let option else { return (prefix(depth), nil) }
    let others = withoutIdenticalIDs
    let without = others.queries.count { others.documents(of: $0).isEmpty }
    if without == others.queries.count {
      throw Failure(
        .badData, "every hit of the run has the id of its query", at: Place(source),
        expected: "hits with other ids", remedy: "omit \(option)")
    }
    let note =
      "\(without) of \(others.queries.count) queries have only the hit with their own id "
      + "and are left out"
    return (others.prefix(depth), without > 0 ? note : nil)
  }
}

extension IdenticalIDs {
  /// Finds queries that are among their own candidates.
  ///
  /// - Parameters:
  ///   - candidates: a run with the candidates.
  ///   - queries: the queries to check.
  ///   - collection: the texts, which distinguish a copy of the query from another document with
  ///     its id.
  /// - Throws: the errors of reading the texts.
  package init(
    among candidates: Run, of queries: [String], in collection: Collection
  ) throws(Failure) {
    self.init()
    for query in queries {
      let documents = candidates.documents(of: query).lazy.map(\.document)
      try add(query, hits: documents, in: collection)
    }
  }
}
