package import JSON

extension EvaluatedRun {
  /// The run with its measures and ceilings, and with the measures of every query if `perQuery` is
  /// true.
  package func json(perQuery: Bool) -> JSONValue {
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

extension DepthCeiling {
  fileprivate var json: JSONValue {
    [
      "depth": .whole(depth), "recall": .number(recall), "ceiling": object(measures, ceilings),
    ]
  }
}

extension RunFamily {
  /// One object per comparison, with p-values before and after the correction.
  package var json: JSONValue {
    .list(
      members.map { member in
        let comparison = member.comparison
        let test = comparison.randomizationTest
        return [
          "run": .text(runs[member.run].name), "baseline": .text(runs[baseline].name),
          "measure": .text(comparison.measure.description), "queries": .whole(comparison.queries),
          "mean": .number(comparison.mean), "baseline_mean": .number(comparison.baselineMean),
          "difference": .number(comparison.difference), "wins": .whole(comparison.wins),
          "ties": .whole(comparison.ties), "losses": .whole(comparison.losses),
          "t": comparison.tTest.statistic.isFinite ? .number(comparison.tTest.statistic) : .null,
          "p_t_test": .number(comparison.tTest.p), "p_t_test_holm": .number(member.tTest),
          "p_randomization": .number(test.p),
          "p_randomization_holm": .number(member.randomization),
          "draws": .whole(test.draws), "exact": .flag(test.isExact),
          "seed": .whole(Int(clamping: seed)),
          "family": .whole(size),
        ]
      })
  }
}

/// Measures with their values, as a JSON object.
private func object(_ measures: [Measure], _ values: [Double]) -> JSONValue {
  .object(
    Dictionary(
      zip(measures, values).map { ($0.description, .number($1)) },
      uniquingKeysWith: { first, _ in first }))
}
