/// The report of one step.
public struct StepReport: Sendable, Equatable {
  /// "warm-up" or "training".
  public var phase: String
  /// The step within the phase, from 1.
  public var step: Int
  /// The number of steps of the phase.
  public var steps: Int
  /// The epoch, from 0, with its fraction.
  public var epoch: Double
  /// The loss of the step.
  public var loss: Double
  /// The learning rate of the step.
  public var learningRate: Double
  /// The norm of the gradient before clipping.
  public var gradientNorm: Double
  /// Tokens per second without padding, over the recent steps.
  public var tokensPerSecond: Double
  /// The estimated remaining time of the phase, in seconds.
  public var secondsLeft: Double
  /// Pairs of query and document per second, over the recent steps.
  public var pairsPerSecond: Double
  /// The share of the pairs of documents of a list that the scores have in the order of the labels;
  /// nil without such a pair.
  public var orderedShare: Double?
  /// The mean standard deviation of the scores of a list; nil without a list of two documents.
  public var scoreDeviation: Double?

  package init(
    phase: String, step: Int, steps: Int, epoch: Double, loss: Double, learningRate: Double,
    gradientNorm: Double, tokensPerSecond: Double, secondsLeft: Double, pairsPerSecond: Double,
    orderedShare: Double?, scoreDeviation: Double?
  ) {
    (self.phase, self.step, self.steps, self.epoch) = (phase, step, steps, epoch)
    (self.loss, self.learningRate, self.gradientNorm) = (loss, learningRate, gradientNorm)
    (self.tokensPerSecond, self.secondsLeft) = (tokensPerSecond, secondsLeft)
    (self.pairsPerSecond, self.orderedShare) = (pairsPerSecond, orderedShare)
    self.scoreDeviation = scoreDeviation
  }
}

/// Receives the progress of a long task: its name, the number of tokens done and the total. Called
/// on any thread.
public typealias TrainingProgress = @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void

/// The events of a training run.
public enum TrainingEvent: Sendable {
  /// A notice for the user.
  case note(String)
  /// A warning that the user should examine.
  case warning(String)
  /// A phase begins.
  case phase(String, lists: Int, steps: Int)
  /// A step is done.
  case step(StepReport)
  /// The model was evaluated after `step` steps of a phase; `isBest` if it is the best so far. It is
  /// the moving average of the weights of `averaged` steps if there is one.
  case evaluation(
    EvaluationReport, split: String, phase: String, step: Int, isBest: Bool, averaged: Int?)
  /// An average of weights was made at the end.
  case average(AverageReport)
  /// A checkpoint was written.
  case checkpoint(String)
  /// A run resumes from a checkpoint, after `step` steps of a phase (nil after the last one) and
  /// `totalSteps` of all phases: earlier reports of later steps are superseded.
  case resumed(String, phase: String?, step: Int, totalSteps: Int)
}
