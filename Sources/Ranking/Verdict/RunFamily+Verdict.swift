extension RunFamily {
  /// The verdict on the run with the greatest difference from the baseline by the first measure. Its
  /// p-value is corrected for all runs, from which it was chosen; nil if a run shares no query with
  /// the baseline.
  package func verdict(generator: some RandomNumberGenerator) -> Verdict? {
    let first = members.filter { $0.comparison.measure == runs[baseline].evaluation.measures.first }
    guard let best = first.max(by: { $0.comparison.difference < $1.comparison.difference }) else {
      return nil
    }
    let comparison = best.comparison
    var generator = generator
    let outcome: Verdict.Outcome =
      best.p >= Verdict.level ? .notDifferent : comparison.difference > 0 ? .better : .worse
    let differences = differences(of: best.run)
    var verdict = Verdict(
      outcome, measure: comparison.measure.description, split: nil, queries: comparison.queries,
      choice: runs[best.run].name, value: comparison.mean, baseline: runs[baseline].name,
      baselineValue: comparison.baselineMean, baselines: 1,
      interval: Bootstrap(meanOf: differences, using: &generator), p: best.p)
    switch outcome {
    case .better: verdict.betterThan = [verdict.baseline]
    case .notDifferent: verdict.queriesNeeded = queriesNeeded(toShow: differences)
    case .worse: break
    }
    return verdict
  }

  /// The differences of a run from the baseline by the first measure, for the queries of both.
  private func differences(of run: Int) -> [Double] {
    let (own, other) = (runs[run].evaluation, runs[baseline].evaluation)
    let places = Dictionary(
      zip(other.queries, other.queries.indices), uniquingKeysWith: { first, _ in first })
    return own.queries.indices.compactMap { place in
      places[own.queries[place]].map {
        Comparison.difference(own.values[0][place], other.values[0][$0])
      }
    }
  }
}
