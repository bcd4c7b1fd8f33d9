/// The evaluation of the model during training.
public struct EvaluationOptions: Sendable, Equatable {
  /// The names of the measures, as they are printed: `nDCG@10`.
  public var measures = ["nDCG@10", "RR@10", "AP"]
  /// The interval of evaluations on the dev split.
  public var every = Interval.steps(100)
  /// The measure, one of `measures`, that selects the best model.
  public var select = "nDCG@10"

  /// The default options.
  public init() {}
}
