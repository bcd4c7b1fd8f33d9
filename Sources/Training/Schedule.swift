import Foundation

func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// How the learning rate changes over a run: a rise from 0 over the first steps, then a course to
/// the end.
public struct Schedule: Sendable, Equatable {
  /// The course after the rise.
  public enum Course: String, Sendable, CaseIterable {
    /// Straight down to 0.
    case linear
    /// Down to 0 along half a cosine.
    case cosine
    /// No change.
    case constant
  }

  /// How long the rise takes.
  public enum WarmUp: Sendable, Equatable {
    /// A part of all steps, from 0 to 1.
    case fraction(Double)
    /// So many steps.
    case steps(Int)
  }

  /// The rate after the rise.
  public var peak: Double
  /// The rise.
  public var warmUp: WarmUp
  /// The course after it.
  public var course: Course

  /// A schedule.
  public init(peak: Double, warmUp: WarmUp = .fraction(0.1), course: Course = .linear) {
    self.peak = peak
    self.warmUp = warmUp
    self.course = course
  }

  /// The rate of step `step` (from 0) of `total`.
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
