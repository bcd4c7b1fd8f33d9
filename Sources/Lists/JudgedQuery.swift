/// A query with its judgments and candidates, all by number in `TextLibrary`.
public struct JudgedQuery: Sendable {
  /// The id in the collection.
  public let id: String
  /// The number of the query.
  public let query: Int
  /// The judged documents and their grades, in the order of the judgments.
  public let judged: [(document: Int, grade: Double)]
  /// The first stage's candidates, best first, with its scores.
  public let candidates: [(document: Int, score: Double)]
  /// The document with the query's own id, if it is excluded from all lists.
  package var identical: Int?

  package init(
    id: String, query: Int, judged: [(document: Int, grade: Double)],
    candidates: [(document: Int, score: Double)]
  ) {
    self.id = id
    self.query = query
    self.judged = judged
    self.candidates = candidates
  }
}
