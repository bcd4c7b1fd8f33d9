/// The paired randomization test, two-sided (Fisher; Smucker et al. 2007): if the systems were
/// equal, the sign of each query's difference would be random. It assumes no distribution.
public struct RandomizationTest: Sendable, Equatable {
  /// The probability of a mean at least as far from 0 under random signs.
  public let p: Double
  /// The number of sign assignments that were evaluated.
  public let draws: Int
  /// Whether those were all possible assignments.
  public let isExact: Bool

  /// The test of `differences`, one per pair, all finite. If there are at most `draws` sign
  /// assignments, all are evaluated. Otherwise `draws` of them are sampled, and the observed one is
  /// added, so that p is never 0 (Phipson & Smyth 2010). O(draws · differences).
  public init(
    _ differences: [Double], draws: Int, using generator: inout some RandomNumberGenerator
  ) {
    precondition(draws > 0, "RandomizationTest: at least one draw")
    precondition(
      differences.allSatisfy(\.isFinite), "RandomizationTest: a difference is not finite")
    // The sign of a zero difference has no effect.
    let sizes = differences.filter { $0 != 0 }.map(abs)
    let observed = abs(differences.reduce(0, +))
    // Sums of the same numbers in a different order may differ by rounding.
    let least = observed - sizes.reduce(0, +) * 1e-12
    var hits = 0
    if sizes.count < 60, 1 << sizes.count <= draws {
      self.draws = 1 << sizes.count
      isExact = true
      for signs in 0..<self.draws {
        var word = UInt64(signs)
        if abs(Self.sum(sizes[...], &word)) >= least { hits += 1 }
      }
      p = Double(hits) / Double(self.draws)
    } else {
      self.draws = draws
      isExact = false
      for _ in 0..<draws {
        var sum = 0.0
        for start in stride(from: 0, to: sizes.count, by: 64) {
          var word: UInt64 = generator.next()
          sum += Self.sum(sizes[start..<min(start + 64, sizes.count)], &word)
        }
        if abs(sum) >= least { hits += 1 }
      }
      p = Double(hits + 1) / Double(draws + 1)
    }
  }

  /// The sum of at most 64 sizes, each with the sign of one bit of `word`.
  private static func sum(_ sizes: ArraySlice<Double>, _ word: inout UInt64) -> Double {
    var sum = 0.0
    for size in sizes {
      // The lowest bit becomes the sign bit, without a branch that would be mispredicted.
      sum += Double(bitPattern: size.bitPattern | word << 63)
      word >>= 1
    }
    return sum
  }
}
