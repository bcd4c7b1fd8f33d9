/// The evaluation of the model during training.
public struct EvaluationOptions: Sendable, Equatable {
  /// The names of the measures, as they are printed: `nDCG@10`.
  public var measures = ["nDCG@10", "RR@10", "AP"]
  /// The interval of evaluations on the dev split.
  public var every = Interval.steps(100)
  /// The measure, one of `measures`, that selects the best model.
  public var select = "nDCG@10"

  /// The order of the candidates whose measure selects the best model.
  public var order = Order.model

  /// An order of the candidates that a model gives.
  public enum Order: String, Sendable, CaseIterable {
    /// By the model's scores.
    case model
    /// By the weighted sum of the model's scores and the first stage's.
    case fused
  }

  /// The default options.
  public init() {}
}
