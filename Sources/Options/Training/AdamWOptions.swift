/// AdamW (Loshchilov and Hutter, 2019): Adam with weight decay applied to the weights themselves.
///
/// By default, weight decay does not apply to biases and normalisation parameters.
public struct AdamWOptions: Sendable, Equatable {
  /// The share of the running mean of gradients that is retained at a step.
  public var beta1: Double
  /// The share of the running mean of squared gradients that is retained at a step.
  public var beta2: Double
  /// The constant added to the square root of the mean of squares.
  public var epsilon: Double
  /// The decay of a weight per step, as a factor of the learning rate.
  public var weightDecay: Double
  /// Whether weight decay also applies to biases and normalisation parameters.
  public var decaysBiases: Bool
  /// The maximum norm of the gradient over all parameters; a larger gradient is scaled down. Nil
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
