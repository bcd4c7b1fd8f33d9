public import Autodiff
public import Models

/// The options of a training step, apart from model and optimizer.
public struct StepOptions: Sendable {
  /// The precision of matrix products.
  public var precision = Precision.f32
  /// The number of workers; nil for one per core.
  public var workers: Int?
  /// The frozen parts.
  public var frozen = FrozenParts()
  /// The maximum number of units (tokens of texts) whose activations a worker stores at a time; nil
  /// for no limit. A worker with more units processes them twice: once for the scores, and again,
  /// slice by slice, for the gradients. A slice has at least one item.
  public var sliceTokens: Int?
  /// The number of layers of which only the input is stored, and which the backward pass computes
  /// once more; nil to store what all layers need.
  public var layersPerSegment: Int?
  /// The factor of the learning rate from one layer to the one below it; 1 for the same rate
  /// everywhere.
  public var layerDecay = 1.0
  /// Whether there is memory for a moving average of the weights.
  public var averages = false

  /// Options of a step.
  public init(
    precision: Precision = .f32, workers: Int? = nil, frozen: FrozenParts = FrozenParts(),
    sliceTokens: Int? = nil, layersPerSegment: Int? = nil, layerDecay: Double = 1,
    averages: Bool = false
  ) {
    self.precision = precision
    self.workers = workers
    self.frozen = frozen
    self.sliceTokens = sliceTokens
    self.layersPerSegment = layersPerSegment
    self.layerDecay = layerDecay
    self.averages = averages
  }
}
