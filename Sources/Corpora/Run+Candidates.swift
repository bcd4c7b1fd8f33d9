package import Diagnostics

extension Run {
  /// The first documents of every query, to be reranked or scored.
  ///
  /// - Parameters:
  ///   - depth: how many documents a query keeps at most.
  ///   - option: the option that leaves out hits with their query's own id, where it was given: as
  ///     many other documents are then taken. Nil keeps such hits.
  /// - Returns: the candidates, and a note on queries that are left without any.
  /// - Throws: `badData` where no query has a candidate left.
  package func candidates(
    depth: Int, withoutIdenticalIDs option: String?
  ) throws(Failure) -> (run: Run, note: String?) {
    guard let option else { return (prefix(depth), nil) }
    let others = withoutIdenticalIDs
    let without = others.queries.count { others.documents(of: $0).isEmpty }
    if without == others.queries.count {
      throw Failure(
        .badData, "every hit of the run has the id of its query", at: Place(source),
        expected: "other documents", remedy: "leave out \(option)")
    }
    let note =
      "\(without) of \(others.queries.count) queries have no hit but the one with their own id, "
      + "and are left out"
    return (others.prefix(depth), without > 0 ? note : nil)
  }
}

extension IdenticalIDs {
  /// Looks for queries that are among their own candidates.
  ///
  /// - Parameters:
  ///   - candidates: a run with the candidates.
  ///   - queries: the queries to look at.
  ///   - collection: the texts, which tell a copy of the query from another document of its id.
  /// - Throws: what reading the texts does.
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
