import Foundation

/// A change of the frequencies of rotary positions, for texts longer than those of pretraining.
public enum RotaryScaling: Sendable, Hashable {
  /// None: the frequencies of the base.
  case none
  /// All frequencies are divided by a factor (position interpolation: Chen et al., 2023).
  case linear(factor: Double)
  /// The base grows with the length of a sequence beyond the maximum number of positions: at any
  /// length that a model here reads, the frequencies of the base.
  case dynamic(factor: Double)
  /// Low frequencies are divided by a factor, high ones stay, and those between are interpolated
  /// (Llama 3.1: Grattafiori et al., 2024).
  case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, original: Int)
  /// The frequencies spread from those of the base to `factor` times slower ones ("NTK-aware", Su,
  /// https://kexue.fm/archives/9706), as the published code of GTE computes them: frequency i of d/2
  /// is divided by factor^(2(i+1)/d), or by exp(ln(factor) · (2(i+1)/d)^mix) with an exponent `mix`.
  case ntk(factor: Double, mix: Double?)
  /// As YaRN has it (Peng et al., 2024).
  case yarn(YaRN)

  /// The settings of YaRN: frequencies between two numbers of rotations are interpolated, and
  /// cosines and sines multiplied.
  public struct YaRN: Sendable, Hashable {
    /// The divisor of low frequencies.
    public var factor: Double
    /// The number of positions in pretraining.
    public var original: Int
    /// The number of rotations over these positions from which frequencies stay.
    public var fast: Double
    /// The number of rotations up to which frequencies are divided by the factor.
    public var slow: Double
    /// Whether the bounds between these columns are rounded outwards.
    public var isTruncated: Bool
    /// The factor of cosines and sines.
    public var magnitude: Double

    /// Settings; the magnitude is YaRN's own, 0.1 · ln(factor) + 1, if none is given.
    public init(
      factor: Double, original: Int, fast: Double = 32, slow: Double = 1, isTruncated: Bool = true,
      magnitude: Double? = nil
    ) {
      (self.factor, self.original) = (factor, original)
      (self.fast, self.slow, self.isTruncated) = (fast, slow, isTruncated)
      self.magnitude = magnitude ?? Self.magnitude(factor, 1)
    }

    /// 0.1 · weight · ln(factor) + 1, and 1 for factors up to 1.
    public static func magnitude(_ factor: Double, _ weight: Double) -> Double {
      factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1
    }
  }

  /// The factor of cosines and sines.
  public var magnitude: Double { if case .yarn(let yarn) = self { yarn.magnitude } else { 1 } }

  /// The angles, in radians, by which successive positions of `width / 2` pairs of columns differ.
  public func frequencies(base: Double, width: Int) -> [Double] {
    let plain = (0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }
    switch self {
    case .none, .dynamic: return plain
    case .linear(let factor): return plain.map { $0 / factor }
    case .ntk(let factor, let mix):
      return plain.enumerated().map { i, frequency in
        let share = Double(2 * (i + 1)) / Double(width)
        return frequency / exp(log(factor) * pow(share, mix ?? 1))
      }
    case .llama3(let factor, let low, let high, let original):
      return plain.map { frequency in
        let rotations = Double(original) * frequency / (2 * Double.pi)
        if rotations > high { return frequency }
        if rotations < low { return frequency / factor }
        let share = (rotations - low) / (high - low)
        return (1 - share) * frequency / factor + share * frequency
      }
    case .yarn(let yarn):
      /// The column whose frequency makes this number of rotations in pretraining.
      func column(_ rotations: Double) -> Double {
        Double(width) * log(Double(yarn.original) / (rotations * 2 * Double.pi)) / (2 * log(base))
      }
      var (first, last) = (column(yarn.fast), column(yarn.slow))
      if yarn.isTruncated { (first, last) = (first.rounded(.down), last.rounded(.up)) }
      (first, last) = (max(first, 0), min(last, Double(width - 1)))
      if first == last { last += 0.001 }
      return plain.enumerated().map { column, frequency in
        let share = min(max((Double(column) - first) / (last - first), 0), 1)
        return frequency / yarn.factor * share + frequency * (1 - share)
      }
    }
  }
}
