public import Autodiff
public import Models
public import Options
public import Ranking

/// Everything that decides what a training run does, apart from the data and the model.
public struct TrainingPlan: Sendable {
  /// How long, in what pieces and with what the model is trained.
  public var training = TrainingOptions()
  /// How lists are put together.
  public var lists = ListOptions()
  /// How the first stage's candidates are refreshed between epochs; nil where they are not.
  public var remining: ReminingOptions?
  /// Weak supervision before training.
  public var warmUp: WarmUpOptions?
  /// The loss of the warm-up.
  public var warmUpLoss: Loss
  /// The loss.
  public var loss: Loss
  /// The optimizer and the learning rate.
  public var optimizer = OptimizerOptions()
  /// What parts of the model stay as they are.
  public var frozen = FrozenParts()
  /// What products are computed in: what `training.precision` means on this machine.
  public var precision = Precision.f32
  /// The longest pair, in tokens.
  public var maximumLength = ModelOptions().maximumLength
  /// How often the model is evaluated on dev.
  public var evaluateEvery = EvaluationOptions().every
  /// Whether and how the first stage's score is added; nil where it is not.
  public var fusion: FusionOptions?
  /// The measures.
  public var measures: [Measure]
  /// The measure models are compared by.
  public var select: Measure

  /// A plan with the defaults of a recipe.
  public init(loss: Loss, warmUpLoss: Loss, measures: [Measure], select: Measure) {
    self.loss = loss
    self.warmUpLoss = warmUpLoss
    self.measures = measures
    self.select = select
  }
}
