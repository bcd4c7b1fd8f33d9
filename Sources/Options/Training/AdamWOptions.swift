/// AdamW (Loshchilov and Hutter, 2019): Adam with weight decay applied to the weights themselves.
///
/// Decay spares biases and normalization parameters unless told otherwise.
public struct AdamWOptions: Sendable, Equatable {
  /// The share of the running mean of gradients that is retained at a step.
  public var beta1: Double
  /// The share of the running mean of squared gradients that is retained at a step.
  public var beta2: Double
  /// What is added to the root of the mean of squares.
  public var epsilon: Double
  /// How much of a weight a step takes away, times the learning rate.
  public var weightDecay: Double
  /// Whether biases and normalization parameters decay as well.
  public var decaysBiases: Bool
  /// The largest norm of the gradient over all parameters; a longer gradient is scaled down. Nil
  /// for no limit.
  public var clip: Double?

  /// The defaults of PyTorch, with clipping at 1.
  public init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0.01,
    decaysBiases: Bool = false, clip: Double? = 1
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decaysBiases = decaysBiases
    self.clip = clip
  }
}
