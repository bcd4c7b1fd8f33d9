package import Autodiff
package import Tensors

/// AdamW (Loshchilov and Hutter, 2019): Adam with weight decay applied to the weights themselves.
///
/// Decay spares biases and normalization parameters unless told otherwise.
public struct AdamWOptions: Sendable, Equatable {
  /// How fast the average of gradients forgets.
  public var beta1: Double
  /// How fast the average of their squares forgets.
  public var beta2: Double
  /// What is added to the root of the average of squares.
  public var epsilon: Double
  /// How much of a weight a step takes away, times the learning rate.
  public var weightDecay: Double
  /// Whether biases and normalization parameters decay as well.
  public var decaysBiases: Bool
  /// The longest gradient, over all parameters; longer ones are scaled down. Nil for no limit.
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

/// The state of AdamW for one set of parameters: two averages a parameter and the number of steps.
package final class AdamW: Sendable {
  /// A run of parameters that share a rate of decay.
  private struct Run {
    var range: Range<Int>
    var decays: Bool
  }

  package let options: AdamWOptions
  /// The moving average of gradients, laid out like the parameters.
  package let first: Storage
  /// The moving average of squared gradients.
  package let second: Storage
  private let runs: [Run]

  package init(_ table: ParameterTable, _ options: AdamWOptions) {
    self.options = options
    first = Storage(count: table.count)
    second = Storage(count: table.count)
    var runs: [Run] = []
    for entry in table.entries {
      let decays = entry.decays || options.decaysBiases
      if let last = runs.last, last.decays == decays {
        runs[runs.count - 1].range = last.range.lowerBound..<entry.parameter.range.upperBound
      } else {
        runs.append(Run(range: entry.parameter.range, decays: decays))
      }
    }
    self.runs = runs
  }

  /// Starts over: both averages are zero.
  package func forget() {
    first.floats.fill(0)
    second.floats.fill(0)
  }

  /// What a gradient of length `norm` is multiplied by to respect the limit.
  package func scale(forNorm norm: Double) -> Double {
    guard let clip = options.clip, norm > clip else { return 1 }
    return clip / norm
  }

  /// Update number `count` (from 1) of the parameters in a range. The gradient is zero afterwards.
  package func update(
    _ weights: Floats, _ gradient: Floats, in range: Range<Int>, count: Int, rate: Double,
    gradientScale: Double
  ) {
    let exponent = Double(count)
    for run in runs {
      let part = run.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      AdamWStep(
        rate: Float(rate), decay: run.decays ? Float(options.weightDecay) : 0,
        beta1: Float(options.beta1), beta2: Float(options.beta2), epsilon: Float(options.epsilon),
        correction1: Float(1 - power(options.beta1, exponent)),
        correction2: Float(1 - power(options.beta2, exponent)), gradientScale: Float(gradientScale)
      ).apply(
        weights: weights[part], first: first.floats[part], second: second.floats[part],
        gradient: gradient[part])
    }
  }
}
