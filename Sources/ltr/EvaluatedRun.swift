import Corpora
import Diagnostics
import Export
import Ranking

/// What came out for one run.
struct EvaluatedRun {
  /// How runs are measured.
  struct Options {
    var measures: [Measure]
    var isComplete: Bool
    var isJudgedOnly: Bool
    /// Whether hits with their query's own id are left out.
    var ignoresIdenticalIDs: Bool
    /// Depths for a table of ceilings; none for no table.
    var depths: [Int]
  }

  /// The file, as the user named it.
  let name: String
  /// What the run calls itself.
  let tag: String
  let evaluation: Evaluation
  let ceiling: Evaluation
  let depths: [DepthCeiling]
  /// Judged queries with a hit that has their own id, and those of them with it at rank 1; none where
  /// such hits are left out.
  private let identical: (queries: Int, first: Int)
  private let equalScores: EqualScores

  /// - Throws: what reading the file and measuring do, with the file as the place.
  init(_ path: String, _ judgments: Judgments, _ options: Options) throws(Failure) {
    let run = try GradedRun(opening: path, judgments: judgments)
    Terminal.warn(run.textFaults)
    var rankings: [QueryRanking] = []
    var found: Set<String> = []
    var identical = (queries: 0, first: 0)
    var equal = EqualScores()
    for whole in run.rankings where judgments.contains(query: whole.query) {
      let ranking = options.ignoresIdenticalIDs ? whole.withoutIdenticalID : whole
      if let place = ranking.identical {
        identical.queries += 1
        if ranking.isFirst(place) { identical.first += 1 }
      }
      equal.add(ranking.query, ranking.scores)
      let ranked = RankedQuery(
        scores: ranking.scores, grades: ranking.grades,
        judged: judgments.judgments(of: ranking.query).map(\.grade)
      ) { run.precedes($0, $1, in: ranking) }
      rankings.append(
        QueryRanking(
          query: ranking.query, ranked: options.isJudgedOnly ? ranked.judgedOnly : ranked))
      found.insert(ranking.query)
    }
    let shared = rankings.count
    // Where nothing is shared there is a mistake, and measuring says so; zeros would hide it.
    if options.isComplete, shared > 0 {
      for query in judgments.queries where !found.contains(query) {
        let judged = judgments.judgments(of: query).map(\.grade)
        rankings.append(
          QueryRanking(query: query, ranked: RankedQuery(ranked: [], judged: judged)))
      }
    }
    do throws(Failure) {
      let (unjudged, missing) = (run.rankings.count - shared, judgments.queries.count - shared)
      evaluation = try Evaluation(
        of: rankings, measures: options.measures, unjudgedQueries: unjudged,
        missingQueries: missing)
      ceiling = try Evaluation(
        of: rankings, measures: options.measures, unjudgedQueries: unjudged,
        missingQueries: missing, order: .best)
      depths = try DepthCeiling.all(rankings, options.measures, at: options.depths)
    } catch {
      var failure = error
      failure.place = failure.place ?? Place(path)
      throw failure
    }
    (name, tag) = (path, run.tag)
    (self.identical, equalScores) = (identical, equal)
  }

  /// Lines on standard error for queries that do not count, and for hits and scores that look wrong.
  func sayWhatIsLeftOut(complete: Bool) {
    equalScores.warn(name)
    if identical.queries > 0 {
      Terminal.say(
        "note: \(name): \(identical.queries) of \(evaluation.queries.count) queries have a hit with their "
          + "own id, \(identical.first) of them at rank 1. Where queries are documents of the corpus, "
          + "\(IdenticalIDOption.name) leaves such hits out, as BEIR does")
    }
    if evaluation.unjudgedQueries > 0 {
      Terminal.say(
        "note: \(name): queries without judgments, which are left out: \(evaluation.unjudgedQueries)"
      )
    }
    if evaluation.missingQueries > 0 {
      Terminal.say(
        "note: \(name): judged queries that are not in the run, "
          + (complete ? "counted as 0" : "left out (--complete counts them as 0)")
          + ": \(evaluation.missingQueries)")
    }
  }

  func json(perQuery: Bool) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(name),
      "queries": .whole(evaluation.queries.count),
      "measures": object(evaluation.measures, evaluation.means),
      "ceiling": object(ceiling.measures, ceiling.means),
    ]
    if perQuery {
      members["per_query"] = .list(
        evaluation.queries.indices.map { query in
          [
            "query": .text(evaluation.queries[query]),
            "measures": object(evaluation.measures, evaluation.values.map { $0[query] }),
          ]
        })
    }
    if !depths.isEmpty { members["depths"] = .list(depths.map(\.json)) }
    return .object(members)
  }
}

extension GradedRun.Ranking {
  /// Whether no score is above that at `place`, in the 32 bits in which runs are compared.
  fileprivate func isFirst(_ place: Int) -> Bool {
    scores.allSatisfy { Float($0) <= Float(scores[place]) }
  }
}

/// Measures with their values, as an object of JSON.
func object(_ measures: [Measure], _ values: [Double]) -> JSONValue {
  .object(
    Dictionary(
      zip(measures, values).map { ($0.description, .number($1)) },
      uniquingKeysWith: { first, _ in first }))
}
