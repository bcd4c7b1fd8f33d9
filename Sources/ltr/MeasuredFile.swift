import Corpora
import Diagnostics
import Ranking

/// A run file, measured, with what looks wrong in it.
struct MeasuredFile {
  let run: EvaluatedRun
  /// None where such hits are left out.
  private let identical: IdenticalHits
  private let equalScores: EqualScores

  /// - Throws: what reading the file and measuring do, with the file as the place.
  init(
    _ path: String, _ judgments: Judgments, ignoresIdenticalIDs: Bool,
    _ options: EvaluatedRun.Options
  ) throws(Failure) {
    let file = try GradedRun(opening: path, judgments: judgments)
    Terminal.warn(file.textFaults)
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
      name: path, tag: file.tag, rankings: rankings, queries: file.rankings.count,
      judged: judgments.queries.lazy.map { ($0, grades($0)) }, options)
    (self.identical, equalScores) = (identical, equal)
  }

  /// Lines on standard error for queries that do not count, and for hits and scores that look wrong.
  func sayWhatIsLeftOut(complete: Bool) {
    Terminal.warn(equalScores, of: run.name)
    let count = run.evaluation.queries.count
    let note = identical.note(run.name, of: count, option: IdenticalIDOption.name)
    for note in [note].compactMap({ $0 }) + run.notes(complete: complete) {
      Terminal.say("note: \(note)")
    }
  }
}
