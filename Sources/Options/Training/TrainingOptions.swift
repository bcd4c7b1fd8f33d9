/// Training length, batches, precision and checkpoints.
public struct TrainingOptions: Sendable, Equatable {
  /// Passes over the training data.
  public var epochs = 3
  /// The maximum number of optimizer steps, regardless of epochs; nil for no limit.
  public var mostSteps: Int?
  /// The size of a batch.
  public var batch = BatchSize()
  /// The number of batches whose gradients are averaged for one optimizer step.
  public var accumulate = 1
  /// The precision of matrix products.
  public var precision = PrecisionOption.auto
  /// The memory limit of an optimizer step; nil for no limit. A step that would exceed it processes
  /// its batch in slices.
  public var memoryBudget: ByteCount?
  /// The seed of all random numbers.
  public var seed: UInt64 = 7
  /// The number of threads; nil for one per core.
  public var workers: Int?
  /// The interval of checkpoints.
  public var checkpointEvery = Interval.steps(500)
  /// The number of checkpoints that are retained.
  public var checkpointsKept = 2
  /// The number of evaluations without an improvement after which training stops; nil to disable.
  public var patience: Int?

  /// The default options.
  public init() {}
}
