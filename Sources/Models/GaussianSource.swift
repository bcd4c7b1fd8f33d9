import Foundation
import Randomness
package import Tensors

/// Normally distributed numbers from a seed: SplitMix64 and the Box–Muller transform.
package struct GaussianSource {
  private var generator: SplitMix64

  /// A source whose numbers depend only on `seed`.
  package init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// Fills `values` with numbers of mean 0 and the standard deviation `deviation`.
  package mutating func fill(_ values: Floats, deviation: Float) {
    for i in 0..<values.count { values[i] = deviation * Float(next()) }
  }

  private mutating func next() -> Double {
    // The argument of the logarithm must not be 0.
    let radius = (-2 * log(1 - generator.uniform())).squareRoot()
    return radius * cos(2 * Double.pi * generator.uniform())
  }
}
