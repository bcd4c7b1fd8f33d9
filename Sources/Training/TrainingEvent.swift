/// One step as it is reported.
public struct StepReport: Sendable, Equatable {
  /// "warm-up" or "training".
  public var phase: String
  /// The step within the phase, from 1.
  public var step: Int
  /// How many steps the phase has.
  public var steps: Int
  /// The epoch, from 0, with its fraction.
  public var epoch: Double
  /// The loss of the step.
  public var loss: Double
  /// The learning rate of the step.
  public var learningRate: Double
  /// The length of the gradient before clipping.
  public var gradientNorm: Double
  /// Real tokens a second, over the last steps.
  public var tokensPerSecond: Double
  /// The time the phase still takes, in seconds, at this rate.
  public var secondsLeft: Double
}

/// Told how far something long is: what it is, and how many of how many tokens are done. Called
/// from any thread.
public typealias TrainingProgress = @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void

/// What a run of training has to say while it goes on.
public enum TrainingEvent: Sendable {
  /// Something a user should know.
  case note(String)
  /// Something a user should look at.
  case warning(String)
  /// A stretch of training begins.
  case phase(String, lists: Int, steps: Int)
  /// A step is done.
  case step(StepReport)
  /// The model was evaluated after so many steps of a phase; whether it is the best so far.
  case evaluation(EvaluationReport, split: String, phase: String, step: Int, isBest: Bool)
  /// A checkpoint was written.
  case checkpoint(String)
  /// A run goes on from a checkpoint, after so many steps of a phase (nil after the last one) and
  /// of all phases: what was reported of later steps before is superseded.
  case resumed(String, phase: String?, step: Int, totalSteps: Int)
}
