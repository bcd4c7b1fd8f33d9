package import Corpora
package import Diagnostics
package import Ranking
package import Scoring

/// Reorders a run by a model's scores, a few queries at a time: memory grows with the run, not with
/// the texts.
package struct RunReranker: Sendable {
  /// The scorer of the candidates.
  package let lists: ListScorer
  /// The fusion with the first stage's scores; nil for none.
  package let fusion: Fusion?

  /// The result of reranking a run.
  package struct Result: Sendable {
    /// The candidates by their new scores.
    package let run: Run
    /// The number of candidates that were too long.
    package let longDocuments: LongDocumentCount
    /// The queries whose candidates all got the same score from the model.
    package let equalScores: EqualScores
  }

  /// A reranker; `fusion` is nil to rank by the model's scores alone.
  package init(_ lists: ListScorer, fusion: Fusion?) {
    self.lists = lists
    self.fusion = fusion
  }

  /// One query's candidates that are in the collection.
  private struct Candidates {
    let query: String
    var documents: [ScoredDocument] = []
  }

  /// Reranks `queries`, each with its candidates that are in the collection.
  ///
  /// - Parameter progress: called with the number of pairs scored so far, from any thread.
  /// - Throws: `badData` for a malformed record, and for a score that is not finite.
  package func callAsFunction(
    _ run: Run, of queries: [String], in collection: Collection,
    progress: (@Sendable (Double) -> Void)? = nil
  ) throws(Failure) -> Result {
    var rankings: [(query: String, documents: [ScoredDocument])] = []
    var count = LongDocumentCount(maximumLength: lists.maximumLength)
    var equal = EqualScores()
    var group: [Candidates] = []
    var next = 0
    try lists.score(progress: progress) { chunk throws(Failure) in
      guard next < queries.count else { return false }
      var candidates = Candidates(query: queries[next])
      next += 1
      chunk.append(query: try collection.query(id: candidates.query).text)
      for entry in run.documents(of: candidates.query) {
        guard let index = collection.documentIndex(of: entry.document) else { continue }
        try chunk.append(document: entry.document) { () throws(Failure) in
          try collection.document(at: index).content
        }
        candidates.documents.append(entry)
      }
      group.append(candidates)
      return true
    } scored: { scores, places throws(Failure) in
      count.add(scores)
      for (candidates, place) in zip(group, places) {
        rankings.append(try ranking(of: candidates, scores.scores[place], &equal))
      }
      group.removeAll(keepingCapacity: true)
    }
    let tag = fusion == nil ? "ltr" : "ltr-fused"
    return Result(
      run: Run(rankings, tag: tag, from: run.source), longDocuments: count, equalScores: equal)
  }

  private func ranking(
    of candidates: Candidates, _ scores: ArraySlice<Float>, _ equal: inout EqualScores
  ) throws(Failure) -> (query: String, documents: [ScoredDocument]) {
    let documents = candidates.documents
    var values = scores.map(Double.init)
    if let wrong = documents.first(where: { fusion != nil && !$0.score.isFinite }) {
      throw Self.notFinite("first stage", wrong.score, wrong.document, candidates.query)
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw Self.notFinite("model", values[index], documents[index].document, candidates.query)
    }
    equal.add(candidates.query, values)
    if let fusion {
      values = fusion.scores(model: values, firstStage: documents.map(\.score))
    }
    return (
      candidates.query, zip(documents, values).map { .init(document: $0.document, score: $1) }
    )
  }

  private static func notFinite(
    _ whose: String, _ score: Double, _ document: String, _ query: String
  ) -> Failure {
    Failure(
      .badData, "the \(whose)'s score of document '\(document)' for query '\(query)' is \(score)",
      expected: "finite scores")
  }
}
