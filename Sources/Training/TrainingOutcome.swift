public import Ranking

/// What came out of a run of training.
public struct TrainingOutcome: Sendable, Equatable {
  /// Steps done in all phases.
  public var steps: Int
  /// Where the best model was found, and the value of the selecting measure; nil without dev.
  public var bestStep: Int?
  /// The best model on dev.
  public var dev: EvaluationReport?
  /// The best model on test.
  public var test: EvaluationReport?
  /// The weight of the first stage, where it is added.
  public var fusionWeight: Double?
  /// How the best model's scores read as probabilities, by dev; nil without dev, or where it says
  /// nothing.
  public var calibration: Calibration?
  /// Set where the best model is not better than its first stage on dev.
  public var warning: String?
}

/// How a run of training ended.
public enum TrainingEnd: Sendable, Equatable {
  /// All steps are done, or there was no progress any more.
  case finished(TrainingOutcome)
  /// It was asked to stop; the checkpoint has everything.
  case interrupted(checkpoint: String)
}
