package import Corpora
package import Diagnostics
package import Ranking

/// One judged query's documents with the standardised scores of several signals: what a linear
/// fusion of rankings sees.
package struct SignalScores: Sendable {
  /// The query's id.
  package let query: String
  /// The documents found by any of the signals, `[n]`.
  package let documents: [String]
  /// The standardised scores (mean 0, standard deviation 1 over the documents that the signal
  /// found), `[signals][n]`.
  package let values: [[Double]]
  private let grades: [Double?]
  private let judged: [Double]

  /// The documents of one query in the order in which the rankings first name them.
  ///
  /// A document that a signal did not find gets the lowest score of those it found: its true score
  /// is at most that. The mean would place it above documents that the signal prefers to it. A
  /// signal that found nothing for the query, or the same score for all, is 0 everywhere.
  ///
  /// - Throws: `badData` for a score that is not finite.
  package init(
    _ query: String, rankings: [[ScoredDocument]], judgments: [(document: String, grade: Double)]
  ) throws(Failure) {
    // Compared by bytes: ids that differ only in Unicode normalisation denote different documents.
    var places: [[UInt8]: Int] = [:]
    var documents: [String] = []
    for entry in rankings.joined() where places[Array(entry.document.utf8)] == nil {
      places[Array(entry.document.utf8)] = documents.count
      documents.append(entry.document)
    }
    var values: [[Double]] = []
    for ranking in rankings {
      if let wrong = ranking.first(where: { !$0.score.isFinite }) {
        throw Failure(
          .badData,
          "the score of document '\(wrong.document)' for query '\(query)' is \(wrong.score)",
          expected: "finite scores")
      }
      let standard = ScoreScales.standard(ranking.map(\.score))
      var row = [Double](repeating: standard.min() ?? 0, count: documents.count)
      for (entry, value) in zip(ranking, standard) {
        if let place = places[Array(entry.document.utf8)] { row[place] = value }
      }
      values.append(row)
    }
    var grades = [Double?](repeating: nil, count: documents.count)
    for judgment in judgments {
      if let place = places[Array(judgment.document.utf8)] { grades[place] = judgment.grade }
    }
    self.query = query
    (self.documents, self.values, self.grades) = (documents, values, grades)
    judged = judgments.map(\.grade)
  }

  /// The measure of the order by Σ weight · value; documents with equal sums stand in descending
  /// order of their ids, as in a run that is read.
  ///
  /// - Parameter weights: one for each signal, `[signals]`.
  package func measured(_ measure: Measure, weights: [Double]) -> Double {
    precondition(weights.count == values.count, "SignalScores: a weight for each signal")
    var sums = [Double](repeating: 0, count: documents.count)
    for (weight, row) in zip(weights, values) where weight != 0 {
      for place in sums.indices { sums[place] += weight * row[place] }
    }
    return measure.value(
      of: RankedQuery(scores: sums, grades: grades, judged: judged) {
        documents[$0].utf8.lexicographicallyPrecedes(documents[$1].utf8)
      })
  }
}
