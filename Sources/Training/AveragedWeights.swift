package import JSON

/// The averages that the weights of a model are made of, in the order in which they were made:
/// `average` in `metrics.json` and `ltr.json`.
public struct AveragedWeights: Codable, Sendable, Equatable {
  /// The share of a moving average of the weights that a step retains; nil without one.
  public var ema: Double?
  /// The number of steps in that average.
  public var emaSteps: Int?
  /// The steps of all phases after which the averaged models were evaluated, the best first; nil
  /// if models were not averaged.
  public var checkpoints: [Int]?
  /// The share of the trained weights in the sum with those of the base; nil without a sum.
  public var base: Double?

  /// No averages.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case ema
    case emaSteps = "ema_steps"
    case checkpoints, base
  }

  /// Whether nothing was averaged.
  public var isEmpty: Bool { self == AveragedWeights() }

  /// The averages as a JSON object.
  package var json: JSONValue {
    var members: [String: JSONValue] = [:]
    members["ema"] = ema.map { .number($0) }
    members["ema_steps"] = emaSteps.map { .whole($0) }
    members["checkpoints"] = checkpoints.map { .list($0.map { .whole($0) }) }
    members["base"] = base.map { .number($0) }
    return .object(members)
  }
}

/// The report of an average that was made at the end of a run.
public struct AverageReport: Sendable, Equatable {
  /// The average.
  public enum Kind: Sendable, Equatable {
    /// The mean of the models evaluated after these steps of all phases.
    case checkpoints([Int])
    /// The sum of the trained weights and those of the base, with the share of the trained ones.
    case base(Double)
  }

  /// The average.
  public var kind: Kind
  /// The value of the selecting measure on dev; nil without dev.
  public var value: Double?
  /// The measure.
  public var measure: String
  /// Whether the model is this average so far.
  public var isKept: Bool
}
