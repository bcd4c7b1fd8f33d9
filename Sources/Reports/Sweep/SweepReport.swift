import Foundation
package import Ranking
public import Training

/// Everything that the report of a sweep is made of, as plain values: its settings with their runs,
/// measured on dev.
public struct SweepReport: Sendable {
  /// A run: a setting with a seed.
  public struct Run: Sendable {
    /// How far it has come.
    public enum State: Sendable, Equatable {
      /// It has ended, and its model is written.
      case finished
      /// It ended with an error.
      case failed(String)
      /// It has begun.
      case unfinished
      /// It has not begun, or its folder is not at hand.
      case missing
    }

    /// Its name.
    public var name: String
    /// Its seed.
    public var seed: UInt64
    /// Its folder; nil if it is not at hand.
    public var folder: String?
    /// How far it has come.
    public var state: State
    /// The order that counts, "model" or "fused": the better one on dev.
    public var order = RankingEvaluator.Order.model
    /// The selecting measure on dev by query.
    public var values: [String: Double] = [:]
    /// The step of the selected model.
    public var bestStep: Int?
    /// The number of steps.
    public var steps: Int?
    /// The time of training.
    public var seconds: Double?
    /// The selecting measure on dev in the course of training, by step.
    public var course: [(step: Int, value: Double)] = []

    /// A run; what is known of it is set afterwards.
    public init(name: String, seed: UInt64, state: State = .missing) {
      (self.name, self.seed, self.state) = (name, seed, state)
    }

    /// The mean over the queries; nil without values.
    public var value: Double? {
      values.isEmpty ? nil : values.values.reduce(0, +) / Double(values.count)
    }
  }

  /// A choice of a value for every key, with its runs.
  public struct Setting: Sendable {
    /// Its name.
    public var name: String
    /// The values of the keys.
    public var values: [String]
    /// A run for each seed.
    public var runs: [Run]

    /// A setting with its runs.
    public init(name: String, values: [String], runs: [Run]) {
      (self.name, self.values, self.runs) = (name, values, runs)
    }

    /// The mean of the measure over the finished runs; nil without one.
    public var mean: Double? {
      let means = runs.compactMap(\.value)
      return means.isEmpty ? nil : means.reduce(0, +) / Double(means.count)
    }

    /// The standard deviation of the runs' means, which differ in their seeds; nil for fewer than two.
    public var deviation: Double? {
      let means = runs.compactMap(\.value)
      guard let mean, means.count > 1 else { return nil }
      let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(means.count - 1)).squareRoot()
    }

    /// Whether all runs have ended with a model.
    public var isFinished: Bool { runs.allSatisfy { $0.state == .finished } }
  }

  /// The result on test, which only one run was measured on.
  public struct Test: Sendable, Codable {
    /// The name of the run.
    public var run: String
    /// The results of the run on dev and test.
    public var metrics: TrainingMetrics

    /// A result.
    public init(run: String, metrics: TrainingMetrics) { (self.run, self.metrics) = (run, metrics) }
  }

  /// The sweep's name.
  public var name: String
  /// The measure on dev by which settings are compared.
  public var measure: String
  /// The dotted paths of the keys.
  public var keys: [String]
  /// The settings, in the order of the sweep.
  public var settings: [Setting]
  /// The place of the recipe as it is written; nil if it is not among the settings.
  public var base: Int?
  /// The result on test; nil before it was measured.
  public var test: Test?
  /// The resolved recipe with its sweep.
  public var recipe: String?
  /// Notes for the reader.
  public var notes: [String] = []
  /// The comparisons with the recipe as it is written, by setting.
  package var againstBase: [SettingComparison?] = []
  /// The comparisons with the best setting, by setting.
  package var againstBest: [SettingComparison?] = []

  /// A report; the rest is set afterwards.
  public init(
    name: String, measure: String, keys: [String], settings: [Setting], base: Int?
  ) {
    (self.name, self.measure, self.keys) = (name, measure, keys)
    (self.settings, self.base) = (settings, base)
  }

  /// The seed of the tests' and intervals' draws.
  package static let seed: UInt64 = 1

  /// The places of the settings, the one with the highest mean first; those without a finished run are
  /// last, and among equal ones the order is that of the sweep.
  public var ranking: [Int] {
    settings.indices.sorted { a, b in
      let (x, y) = (settings[a].mean ?? -.infinity, settings[b].mean ?? -.infinity)
      return x != y ? x > y : a < b
    }
  }

  /// The setting that dev chooses, the one with the highest mean of those whose runs have all ended with
  /// a model; nil if there is none.
  public var best: Int? { ranking.first { settings[$0].isFinished && settings[$0].mean != nil } }

  /// The run that dev chooses: the best one of the best setting.
  public var chosen: Run? {
    guard let best else { return nil }
    return settings[best].runs.max { ($0.value ?? -.infinity) < ($1.value ?? -.infinity) }
  }

  /// Whether all runs have ended, with a model or with an error.
  public var isComplete: Bool {
    runs.allSatisfy {
      switch $0.state {
      case .finished, .failed: true
      case .unfinished, .missing: false
      }
    }
  }

  /// All runs.
  public var runs: [Run] { settings.flatMap(\.runs) }

  /// Compares the settings with the recipe as it is written and with the best of them.
  package mutating func compare<Generator: RandomNumberGenerator>(generator: Generator) {
    let values = settings.map { $0.runs.filter { !$0.values.isEmpty }.map(\.values) }
    func against(_ place: Int?) -> [SettingComparison?] {
      guard let place else { return settings.map { _ in nil } }
      return SettingComparison.all(values, with: place, generator: generator)
    }
    againstBase = against(base)
    againstBest = against(best)
  }

  /// How p-values are computed, in a sentence.
  package static let method =
    "Paired t-test and paired randomization test over the queries of dev (10,000 draws, seed 1), "
    + "two-sided, on the mean of a setting's seeds; p is the larger of both after Holm's correction over "
    + "the settings."
}
