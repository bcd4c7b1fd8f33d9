/// How long, in what pieces and with what a model is trained.
public struct TrainingOptions: Sendable, Equatable {
  /// Passes over the training data.
  public var epochs = 3
  /// The most optimizer steps, however many epochs; nil for no limit.
  public var mostSteps: Int?
  /// What a batch holds.
  public var batch = BatchSize()
  /// Batches whose gradients are averaged for one optimizer step.
  public var accumulate = 1
  /// What matrix products are computed in.
  public var precision = PrecisionOption.auto
  /// The most memory an optimizer step may take; nil for no limit. A step that would take more goes
  /// through its batch in slices.
  public var memoryBudget: ByteCount?
  /// The seed of all random numbers.
  public var seed: UInt64 = 7
  /// Threads; nil for one a core.
  public var workers: Int?
  /// How often a checkpoint is written.
  public var checkpointEvery = Interval.steps(500)
  /// How many checkpoints are kept.
  public var checkpointsKept = 2
  /// After how many evaluations without a better one training stops; nil for never.
  public var patience: Int?

  /// The defaults.
  public init() {}
}
