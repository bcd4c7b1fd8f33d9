import Foundation

/// A change of the frequencies of rotary positions that extends a model to longer sequences than it
/// was first trained with.
public enum RotaryScaling: Sendable, Hashable {
  /// The frequencies of the base.
  case none
  /// The frequencies spread from those of the base to `factor` times slower ones ("NTK-aware", Su,
  /// https://kexue.fm/archives/9706), as the published code of GTE computes them: frequency i of d/2
  /// is divided by factor^(2(i+1)/d), or by exp(ln(factor) · (2(i+1)/d)^mix) with an exponent `mix`.
  case ntk(factor: Double, mix: Double?)

  /// The angles per position of the width/2 pairs of columns, in radians.
  package func frequencies(base: Double, width: Int) -> [Double] {
    (0..<width / 2).map { i in
      let own = pow(base, -2 * Double(i) / Double(width))
      guard case .ntk(let factor, let mix) = self else { return own }
      let share = Double(2 * (i + 1)) / Double(width)
      return own / exp(log(factor) * pow(share, mix ?? 1))
    }
  }
}
