public import Autodiff
public import Lists
public import Models
public import Ranking

/// How often something happens during training.
public enum TrainingInterval: Sendable, Equatable {
  /// Every so many steps.
  case steps(Int)
  /// Every so many epochs.
  case epochs(Int)
}

/// Whether the first stage's score is added to the model's, and how its weight is found.
public enum FusionPlan: Sendable, Equatable {
  /// Not at all.
  case none
  /// With the weight that is best on dev.
  case chosenOnDev
  /// With a given weight.
  case fixed(Double)
}

/// How much goes into a batch.
public enum BatchSize: Sendable, Equatable {
  /// So many lists.
  case lists(Int)
  /// As many lists as have no more tokens than this together, and at least one.
  case tokens(Int)
}

/// Everything that decides what a training run does, but for the data and the model.
public struct TrainingPlan: Sendable {
  /// How lists are put together.
  public var lists = ListOptions()
  /// How the first stage's candidates are refreshed between epochs; nil where they are not.
  public var remining: ReminingOptions?
  /// Weak supervision before training.
  public var warmUp: WarmUpOptions?
  /// The learning rate of the warm-up.
  public var warmUpRate = 2e-4
  /// What a step of the warm-up takes.
  public var warmUpBatch = BatchSize.lists(8)
  /// The loss of the warm-up.
  public var warmUpLoss: Loss
  /// The loss.
  public var loss: Loss
  /// The optimizer.
  public var optimizer = AdamWOptions()
  /// The learning rate.
  public var schedule = Schedule(peak: 5e-5)
  /// How often every query's list is gone through.
  public var epochs = 3
  /// The most steps; nil for no limit.
  public var mostSteps: Int?
  /// What a batch holds.
  public var batch = BatchSize.lists(8)
  /// Batches whose gradients are averaged for one step.
  public var accumulate = 1
  /// What parts of the model stay as they are.
  public var frozen = FrozenParts()
  /// The most memory a training step may take, in bytes; nil for as much as it likes. Beyond it a
  /// step goes through its batch in slices.
  public var memoryBudget: Int?
  /// What products are computed in.
  public var precision = Precision.f32
  /// The seed of everything random.
  public var seed: UInt64 = 7
  /// Workers; nil for one a core.
  public var workers: Int?
  /// The longest pair, in tokens.
  public var maximumLength = 256
  /// How often the model is evaluated on dev.
  public var evaluateEvery = TrainingInterval.steps(100)
  /// How often a checkpoint is written.
  public var checkpointEvery = TrainingInterval.steps(500)
  /// How many checkpoints are kept.
  public var checkpointsKept = 2
  /// After how many evaluations without a better one training ends; nil for never.
  public var patience: Int?
  /// Whether the first stage's score is added.
  public var fusion = FusionPlan.none
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
