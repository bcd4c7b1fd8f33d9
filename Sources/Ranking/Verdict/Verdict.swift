/// Whether a ranking is better than the best baseline at hand, by how much, and what follows.
///
/// One ranking is compared, which was chosen on other queries or by name; it is called better only if
/// it is better than every baseline at p < 0.05 each, which needs no correction (an
/// intersection–union test, Berger 1982), and worse only after Holm's correction over the baselines.
/// A p-value is the larger of the paired t-test's and the paired randomization test's.
public struct Verdict: Sendable, Equatable {
  /// The outcome of the comparison.
  public enum Outcome: String, Sendable, CaseIterable, Codable {
    /// Better than every baseline.
    case better
    /// Neither better nor worse, as far as these queries tell.
    case notDifferent = "not different"
    /// Worse than the best baseline.
    case worse
  }

  /// A ranking with its value of the measure for each query, in one order of the queries.
  public struct Contender: Sendable, Equatable {
    /// Its name: "fused", "bi-encoder".
    public var name: String
    /// The values, one per query.
    public var values: [Double]

    /// A ranking with its values.
    public init(_ name: String, _ values: [Double]) { (self.name, self.values) = (name, values) }

    var mean: Double { values.reduce(0, +) / Double(values.count) }
  }

  /// The significance level.
  static let level = 0.05
  /// The value of `use` if neither the model nor its fusion should be used.
  public static let neither = "neither"

  /// The outcome.
  public var outcome: Outcome
  /// The measure's name.
  public var measure: String
  /// The split that was measured; nil if it has no name.
  public var split: String?
  /// Whether the same queries chose the ranking, which makes its value too high.
  public var isSelected = false
  /// The number of queries.
  public var queries: Int
  /// The ranking that was compared.
  public var choice: String
  /// Its mean.
  public var value: Double
  /// The baseline with the highest mean.
  public var baseline: String
  /// The mean of that baseline.
  public var baselineValue: Double
  /// The number of baselines.
  public var baselines: Int
  /// The 95 % interval of the difference, by the bootstrap.
  public var interval: Bootstrap
  /// The p-value of the outcome, two-sided.
  public var p: Double
  /// The baselines over which a gain is shown, in their order: all of them for a better ranking, and
  /// otherwise those that remain after Holm's correction over the baselines.
  public var betterThan: [String] = []
  /// The number of queries that a gain of this size would probably take to be shown over every
  /// baseline; nil if there is no gain, or if it is shown.
  public var queriesNeeded: Int?
  /// What to try, in the order that the numbers suggest; empty for a better ranking.
  public var advice: [String] = []

  /// The mean of the ranking minus that of the baseline.
  public var difference: Double { value - baselineValue }

  /// What to use: the ranking if it is better, or neither.
  public var use: String { outcome == .better ? choice : Self.neither }

  /// Compares a ranking with baselines; nil without queries or without a baseline.
  ///
  /// - Parameters:
  ///   - draws: the number of draws of the randomization test.
  ///   - generator: a generator from whose state every test and the bootstrap start.
  public init?<Generator: RandomNumberGenerator>(
    _ choice: Contender, against baselines: [Contender], measure: String, split: String? = nil,
    draws: Int = 10_000, generator: Generator
  ) {
    guard !choice.values.isEmpty, !baselines.isEmpty else { return nil }
    let differences = baselines.map { baseline in
      precondition(
        baseline.values.count == choice.values.count, "Verdict: values of different queries")
      return zip(choice.values, baseline.values).map(Comparison.difference)
    }
    let tests = differences.map { values in
      var generator = generator
      return max(
        TTest(values).p, RandomizationTest(values, draws: draws, using: &generator).p)
    }
    let corrected = holm(tests)
    let means = baselines.map(\.mean)
    var best = 0
    for index in means.indices where means[index] > means[best] { best = index }
    var generator = generator
    interval = Bootstrap(meanOf: differences[best], using: &generator)
    let greatest = tests.max() ?? 1
    let gain = differences[best].reduce(0, +)
    if gain > 0 {
      (p, outcome) = (greatest, greatest < Self.level ? .better : .notDifferent)
    } else {
      (p, outcome) = (corrected[best], corrected[best] < Self.level ? .worse : .notDifferent)
    }
    let isBetter = outcome == .better
    let isShown = tests.indices.map { index in
      isBetter
        || corrected[index] < Self.level && differences[index].reduce(0, +) > 0
    }
    betterThan = baselines.indices.filter { isShown[$0] }.map { baselines[$0].name }
    if outcome == .notDifferent {
      let open = baselines.indices.filter { !isShown[$0] }
      let needed = open.compactMap { Ranking.queriesNeeded(toShow: differences[$0]) }
      // Every gain has to be shown; where one is not there, no number of queries shows it.
      if needed.count == open.count { queriesNeeded = needed.max() }
    }
    (self.measure, self.split, queries) = (measure, split, choice.values.count)
    (self.choice, value) = (choice.name, choice.mean)
    (baseline, baselineValue, self.baselines) = (baselines[best].name, means[best], means.count)
  }

  /// A verdict of known numbers.
  package init(
    _ outcome: Outcome, measure: String, split: String?, queries: Int, choice: String,
    value: Double, baseline: String, baselineValue: Double, baselines: Int, interval: Bootstrap,
    p: Double
  ) {
    (self.outcome, self.measure, self.split, self.queries) = (outcome, measure, split, queries)
    (self.choice, self.value, self.baseline) = (choice, value, baseline)
    (self.baselineValue, self.baselines) = (baselineValue, baselines)
    (self.interval, self.p) = (interval, p)
  }
}
