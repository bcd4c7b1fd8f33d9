import Foundation
import Randomness
package import Tensors

/// Normally distributed numbers from a seed: SplitMix64 and the Box–Muller transform.
package struct GaussianSource {
  private var generator: SplitMix64

  /// Numbers that depend on `seed` alone.
  package init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  /// Fills `values` with numbers of mean 0 and this standard deviation.
  package mutating func fill(_ values: Floats, deviation: Float) {
    for i in 0..<values.count { values[i] = deviation * Float(next()) }
  }

  private mutating func next() -> Double {
    // The first number must not be zero: its logarithm is taken.
    let radius = (-2 * log(1 - generator.uniform())).squareRoot()
    return radius * cos(2 * Double.pi * generator.uniform())
  }
}
