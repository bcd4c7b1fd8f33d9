import Foundation
public import Options

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

extension Schedule {
  /// The learning rate at step `step` (from 0) of `total`.
  public func rate(step: Int, of total: Int) -> Double {
    let rise: Int
    switch warmUp {
    case .fraction(let part): rise = Int((part * Double(total)).rounded())
    case .steps(let steps): rise = steps
    }
    if step < rise { return peak * Double(step + 1) / Double(rise) }
    let progress = Double(step - rise) / Double(max(1, total - rise))
    switch course {
    case .constant: return peak
    case .linear: return peak * max(0, 1 - progress)
    case .cosine: return peak * 0.5 * (1 + cos(.pi * min(1, progress)))
    }
  }
}
