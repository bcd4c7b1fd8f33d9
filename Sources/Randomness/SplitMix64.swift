/// A small, fast pseudo-random generator with 64 bits of state (Steele et al., 2014): the same seed
/// gives the same numbers on every platform.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A generator that starts from `seed`.
  public init(seed: UInt64) { state = seed }

  /// A generator for one of several purposes under a seed: streams with different numbers are
  /// independent.
  public init(seed: UInt64, stream: UInt64...) {
    state = seed
    for part in stream { state = next() ^ part &* 0xD6E8_FEB8_6659_FD93 }
    state = next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from 0 up to but not including 1.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An integer from 0 up to but not including `bound`.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "a random number below \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}

extension Array {
  /// The elements in an order drawn from `generator` (Fisher and Yates), the same on every
  /// platform.
  public func shuffled(with generator: inout SplitMix64) -> [Element] {
    var result = self
    for i in stride(from: count - 1, to: 0, by: -1) {
      result.swapAt(i, generator.below(i + 1))
    }
    return result
  }
}
