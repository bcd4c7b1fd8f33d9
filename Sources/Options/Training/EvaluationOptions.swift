/// How the model is measured while it is trained.
public struct EvaluationOptions: Sendable, Equatable {
  /// The names of the measures, as they are printed: `nDCG@10`.
  public var measures = ["nDCG@10", "RR@10", "AP"]
  /// How often the model is measured on the dev split.
  public var every = Interval.steps(100)
  /// The measure, one of `measures`, that the best model is chosen by.
  public var select = "nDCG@10"

  /// The defaults.
  public init() {}
}
