/// The comparison of two runs on one measure, over the queries that both have.
public struct Comparison: Sendable, Equatable {
  /// The measure.
  public let measure: Measure
  /// The number of queries that both have.
  public let queries: Int
  /// The baseline's mean over these queries.
  public let baselineMean: Double
  /// The run's mean over these queries.
  public let mean: Double
  /// The number of queries for which the run is better than the baseline.
  public let wins: Int
  /// The number of queries with equal values.
  public let ties: Int
  /// The number of queries for which the run is worse than the baseline.
  public let losses: Int
  /// Student's test of the differences, run minus baseline.
  public let tTest: TTest
  /// The randomization test of the same differences.
  public let randomizationTest: RandomizationTest

  /// The run's mean minus the baseline's.
  public var difference: Double { mean - baselineMean }

  /// Compares `run` with `baseline`, measure by measure; none if no query is in both. Both have the
  /// same measures. Every randomization test starts from the given state of `generator`, so that
  /// its draws do not depend on the other comparisons.
  public static func all<Generator: RandomNumberGenerator>(
    _ run: Evaluation, against baseline: Evaluation, draws: Int, generator: Generator
  ) -> [Comparison] {
    precondition(run.measures == baseline.measures, "Comparison: evaluations by other measures")
    let places = Dictionary(
      zip(baseline.queries, baseline.queries.indices), uniquingKeysWith: { first, _ in first })
    let pairs = run.queries.indices.compactMap { own in
      places[run.queries[own]].map { (own: own, other: $0) }
    }
    guard !pairs.isEmpty else { return [] }
    return run.measures.indices.map { m in
      var generator = generator
      return Comparison(
        run.measures[m], values: pairs.map { run.values[m][$0.own] },
        baseline: pairs.map { baseline.values[m][$0.other] }, draws: draws, using: &generator)
    }
  }

  private init(
    _ measure: Measure, values: [Double], baseline: [Double], draws: Int,
    using generator: inout some RandomNumberGenerator
  ) {
    let differences = zip(values, baseline).map { Self.difference($0, $1) }
    self.measure = measure
    queries = differences.count
    mean = values.reduce(0, +) / Double(queries)
    baselineMean = baseline.reduce(0, +) / Double(queries)
    wins = differences.count { $0 > 0 }
    ties = differences.count { $0 == 0 }
    losses = differences.count { $0 < 0 }
    tTest = TTest(differences)
    randomizationTest = RandomizationTest(differences, draws: draws, using: &generator)
  }

  /// a − b; 0 if the difference is within the rounding error of a sum in a different order, which
  /// would otherwise turn ties into wins and losses.
  static func difference(_ a: Double, _ b: Double) -> Double {
    abs(a - b) <= 1e-12 * max(abs(a), abs(b)) ? 0 : a - b
  }
}
