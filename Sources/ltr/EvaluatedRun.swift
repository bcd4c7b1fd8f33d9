import Export
import Ranking

/// What came out for one run, as `evaluate` prints it.
struct EvaluatedRun {
  /// The file, as the user named it.
  let name: String
  let evaluation: Evaluation
  let ceiling: Evaluation

  /// A line on standard error for queries that do not count.
  func sayWhatIsLeftOut(complete: Bool) {
    if evaluation.unjudgedQueries > 0 {
      Terminal.say(
        "note: \(name): \(evaluation.unjudgedQueries) queries without judgments left out")
    }
    if evaluation.missingQueries > 0 {
      Terminal.say(
        "note: \(name): \(evaluation.missingQueries) judged queries are not in the run"
          + (complete ? " and count as 0" : " and left out; --complete counts them as 0"))
    }
  }

  func json(perQuery: Bool) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .text(name),
      "queries": .whole(evaluation.queries.count),
      "measures": Self.object(evaluation.measures, evaluation.means),
      "ceiling": Self.object(ceiling.measures, ceiling.means),
    ]
    if perQuery {
      members["per_query"] = .list(
        evaluation.queries.indices.map { query in
          [
            "query": .text(evaluation.queries[query]),
            "measures": Self.object(evaluation.measures, evaluation.values.map { $0[query] }),
          ]
        })
    }
    return .object(members)
  }

  /// A line a run with its ceiling below, and before them, if wanted, a line a query.
  static func table(_ runs: [EvaluatedRun], _ measures: [Measure], perQuery: Bool) -> String {
    var rows = [["run", "queries"] + measures.map(\.description)]
    for run in runs {
      let evaluation = run.evaluation
      if perQuery {
        for (index, query) in evaluation.queries.enumerated() {
          rows.append(["\(run.name) \(query)", ""] + evaluation.values.map { fixed($0[index], 4) })
        }
      }
      let count = "\(evaluation.queries.count)"
      rows.append([run.name, count] + evaluation.means.map { fixed($0, 4) })
      rows.append(["  ceiling", ""] + run.ceiling.means.map { fixed($0, 4) })
    }
    return Terminal.table(rows)
  }

  private static func object(_ measures: [Measure], _ values: [Double]) -> JSONValue {
    .object(
      Dictionary(
        zip(measures, values).map { ($0.description, .number($1)) },
        uniquingKeysWith: { first, _ in first }))
  }
}
