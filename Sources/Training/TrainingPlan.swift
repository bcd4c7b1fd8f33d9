public import Autodiff
public import Models
public import Options
public import Ranking

/// All settings of a training run, apart from the data and the model.
public struct TrainingPlan: Sendable {
  /// Training length, batches, precision and checkpoints.
  public var training = TrainingOptions()
  /// The composition of lists.
  public var lists = ListOptions()
  /// The refresh of the first stage's candidates between epochs; nil for none.
  public var remining: ReminingOptions?
  /// Weak supervision before training.
  public var warmUp: WarmUpOptions?
  /// The loss of the warm-up.
  public var warmUpLoss: Loss
  /// The loss.
  public var loss: Loss
  /// The optimizer and the learning rate.
  public var optimizer = OptimizerOptions()
  /// The frozen parts of the model.
  public var frozen = FrozenParts()
  /// The precision of matrix products: that of `training.precision` on this machine.
  public var precision = Precision.f32
  /// The maximum number of tokens per pair.
  public var maximumLength = ModelOptions().maximumLength
  /// The interval of evaluations on dev.
  public var evaluateEvery = EvaluationOptions().every
  /// The combination with the first stage's score; nil for none.
  public var fusion: FusionOptions?
  /// The order of the candidates that selects models: the model's, or the fused one if there is a
  /// fusion.
  public var selectedOrder = EvaluationOptions().order
  /// The measures.
  public var measures: [Measure]
  /// The measure that selects models.
  public var select: Measure

  /// A plan with the defaults of a recipe.
  public init(loss: Loss, warmUpLoss: Loss, measures: [Measure], select: Measure) {
    self.loss = loss
    self.warmUpLoss = warmUpLoss
    self.measures = measures
    self.select = select
  }
}
