package import Corpora
package import Diagnostics
package import Ranking

/// A run file evaluated against judgments, with signs of problems in it.
package struct MeasuredRun {
  /// The measures.
  package let run: EvaluatedRun
  /// Hits with their query's own id; none if such hits are excluded.
  private let identical: IdenticalHits
  private let equalScores: EqualScores

  /// Evaluates a run.
  ///
  /// - Parameters:
  ///   - file: the run with the grades of `judgments`.
  ///   - ignoresIdenticalIDs: whether hits with their query's own id are removed first.
  /// - Throws: the errors of the evaluation, with the file as the place.
  package init(
    _ file: GradedRun, _ judgments: Judgments, ignoresIdenticalIDs: Bool,
    _ options: EvaluatedRun.Options
  ) throws(Failure) {
    func grades(_ query: String) -> [Double] { judgments.judgments(of: query).map(\.grade) }
    var rankings: [QueryRanking] = []
    var identical = IdenticalHits()
    var equal = EqualScores()
    for whole in file.rankings where judgments.contains(query: whole.query) {
      let ranking = ignoresIdenticalIDs ? whole.withoutIdenticalID : whole
      identical.add(ranking)
      equal.add(ranking.query, ranking.scores)
      let ranked = RankedQuery(
        scores: ranking.scores, grades: ranking.grades, judged: grades(ranking.query)
      ) { file.precedes($0, $1, in: ranking) }
      rankings.append(QueryRanking(query: ranking.query, ranked: ranked))
    }
    run = try EvaluatedRun(
      name: file.source, tag: file.tag, rankings: rankings, queries: file.rankings.count,
      judged: judgments.queries.lazy.map { ($0, grades($0)) }, options)
    (self.identical, equalScores) = (identical, equal)
  }

  /// A warning if the scores of queries are all equal; nil otherwise.
  package var warning: String? { equalScores.warning(run.name) }

  /// Notes on hits with their query's own id, and on queries excluded from the means.
  ///
  /// - Parameters:
  ///   - complete: whether judged queries that the run lacks count as 0.
  ///   - option: the name of the option that removes hits with their query's own id.
  package func notes(complete: Bool, option: String) -> [String] {
    let note = identical.note(run.name, of: run.evaluation.queries.count, option: option)
    return [note].compactMap { $0 } + run.notes(complete: complete)
  }
}

extension Judgments {
  /// A note if grades above 0 are below the lowest grade that one of the measures counts as
  /// relevant; nil otherwise.
  package func gradeNote(for measures: [Measure]) -> String? {
    let low = queries.reduce(0) { sum, query in
      sum + judgments(of: query).count { $0.grade > 0 && $0.grade < 1 }
    }
    guard low > 0, let measure = measures.first(where: { ($0.relevance ?? 0) >= 1 }) else {
      return nil
    }
    return "judgments with grades between 0 and 1, which are not relevant for \(measure): \(low)."
      + " Its parameter rel= sets the lowest relevant grade."
  }
}
