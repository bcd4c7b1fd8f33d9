/// The paired randomization test, two-sided (Fisher; Smucker et al. 2007): if two systems were the
/// same, every query's difference could as well have the other sign. It supposes no distribution.
public struct RandomizationTest: Sendable, Equatable {
  /// How likely a mean at least as far from 0 is where signs are random.
  public let p: Double
  /// How many ways to set the signs were looked at.
  public let draws: Int
  /// Whether those were all that there are.
  public let isExact: Bool

  /// The test of `differences`, one a pair, all finite. Where there are no more ways to set the
  /// signs than `draws`, all are looked at. Otherwise so many are drawn, and the one that was
  /// observed counts as one more, so that p is never 0 (Phipson & Smyth 2010). O(draws ·
  /// differences).
  public init(
    _ differences: [Double], draws: Int, using generator: inout some RandomNumberGenerator
  ) {
    precondition(draws > 0, "RandomizationTest: at least one draw")
    precondition(
      differences.allSatisfy(\.isFinite), "RandomizationTest: a difference is not finite")
    // The sign of 0 changes nothing.
    let sizes = differences.filter { $0 != 0 }.map(abs)
    let observed = abs(differences.reduce(0, +))
    // Sums of the same numbers in another order may differ by rounding alone.
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
      // The lowest bit becomes the sign bit: no branch that could be guessed wrong.
      sum += Double(bitPattern: size.bitPattern | word << 63)
      word >>= 1
    }
    return sum
  }
}
