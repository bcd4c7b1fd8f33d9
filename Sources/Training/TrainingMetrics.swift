import Foundation
public import Ranking

/// The contents of `metrics.json`.
public struct TrainingMetrics: Codable, Sendable {
  /// One split's measures: by order ("first stage", "bi-encoder", "base model", "model", "fused"),
  /// then by measure.
  public struct Split: Codable, Sendable {
    /// The number of queries that count.
    public var queries: Int
    /// The values.
    public var orders: [String: [String: Double]]
    /// The measures of a perfect order of the candidates.
    public var ceiling: [String: Double]
    /// The 95 % intervals of the values, low and high.
    public var intervals: [String: [String: [Double]]]?
    /// The 95 % intervals of the differences from the first stage's values, low and high.
    public var gains: [String: [String: [Double]]]?

    init(_ report: EvaluationReport) {
      queries = report.queries
      orders = report.values
      func table(_ part: (OrderMeasures) -> [Bootstrap]?) -> [String: [String: [Double]]]? {
        let rows = report.orders.compactMap { order in
          part(order).map { bounds in
            (order.name, zip(report.measures, bounds).map { ($0, [$1.low, $1.high]) })
          }
        }
        guard !rows.isEmpty else { return nil }
        return Dictionary(uniqueKeysWithValues: rows).mapValues {
          Dictionary($0, uniquingKeysWith: { first, _ in first })
        }
      }
      intervals = table(\.intervals)
      gains = table(\.gains)
      ceiling = Dictionary(
        zip(report.measures, report.ceiling), uniquingKeysWith: { first, _ in first })
    }
  }

  /// The number of steps done.
  public var steps: Int
  /// The step of the best model.
  public var bestStep: Int?
  /// The measure that selects models.
  public var selectedBy: String
  /// The weight of the first stage, if it is added.
  public var fusionWeight: Double?
  /// The averages that the model is made of, if any.
  public var average: AveragedWeights?
  /// The best model on dev.
  public var dev: Split?
  /// The best model on test.
  public var test: Split?
  /// The comparison with the best baseline.
  public var verdict: Verdict?
  /// A warning if the model should not be served.
  public var warning: String?

  private enum CodingKeys: String, CodingKey {
    case steps
    case bestStep = "best_step"
    case selectedBy = "selected_by"
    case fusionWeight = "fusion_weight"
    case average, dev, test, verdict, warning
  }

  /// The metrics of an outcome.
  public init(_ outcome: TrainingOutcome, selectedBy: String) {
    steps = outcome.steps
    bestStep = outcome.bestStep
    self.selectedBy = selectedBy
    fusionWeight = outcome.fusionWeight
    average = outcome.average
    dev = outcome.dev.map(Split.init)
    test = outcome.test.map(Split.init)
    verdict = outcome.verdict
    warning = outcome.warning
  }

  /// The metrics as JSON, keys in order.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [0x0A]
  }
}
