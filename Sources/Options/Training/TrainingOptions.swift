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
  /// The number of layers of which only the input is stored until the backward pass, which computes
  /// them once more; nil to store what all layers need.
  public var recomputedLayers: Int?
  /// The seed of all random numbers.
  public var seed: UInt64 = 7
  /// The number of threads; nil for one per core.
  public var workers: Int?
  /// The interval of checkpoints.
  public var checkpointEvery = Interval.steps(500)
  /// The number of checkpoints that are retained.
  public var checkpointsKept = 2
  /// The factor of the learning rate from one layer to the one below it, above 0 and up to 1: layer
  /// i of n, from 0, learns at the factor to the power of n − i, embeddings at the power of n + 1, the
  /// head and the final norm at 1 (Howard and Ruder, 2018; Clark et al., 2020).
  public var layerDecay = 1.0
  /// The pull of the base's scores on the model's; nil for none.
  public var anchor: AnchorOptions?
  /// The averages of weights; nil for none.
  public var average: AverageOptions?
  /// The number of evaluations without an improvement after which training stops; nil to disable.
  public var patience: Int? = Self.usualPatience

  /// The default patience. Dev splits are small and the learning rate falls to the end, so that a
  /// plateau of a few evaluations is common before the best one.
  public static let usualPatience = 10

  /// The default options.
  public init() {}
}
