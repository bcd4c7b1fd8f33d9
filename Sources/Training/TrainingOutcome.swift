public import Ranking

/// The result of a training run.
public struct TrainingOutcome: Sendable, Equatable {
  /// The number of steps done in all phases.
  public var steps: Int
  /// The step of the best model; nil without dev.
  public var bestStep: Int?
  /// The best model on dev.
  public var dev: EvaluationReport?
  /// The best model on test.
  public var test: EvaluationReport?
  /// The weight of the first stage, if it is added.
  public var fusionWeight: Double?
  /// The calibration of the best model's scores on dev; nil without dev, or if dev does not
  /// determine it.
  public var calibration: Calibration?
  /// The averages that the model is made of; nil if it is the weights of one step.
  public var average: AveragedWeights?
  /// The scores of the candidates of dev and test by the best model; empty without either.
  public var scores: [RunScores.Query] = []
  /// Whether the model, or its fusion with the first stage, is better than the best baseline, on test
  /// or else on dev; nil without either.
  public var verdict: Verdict?
  /// A warning if the best model is not better than its first stage on dev.
  public var warning: String?
}

/// The end of a training run.
public enum TrainingEnd: Sendable, Equatable {
  /// All steps are done, or training ended early for lack of progress.
  case finished(TrainingOutcome)
  /// It was stopped; the checkpoint has the complete state.
  case interrupted(checkpoint: String)
}
