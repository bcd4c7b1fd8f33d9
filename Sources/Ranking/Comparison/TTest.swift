import Foundation

/// Student's paired t-test, two-sided: whether the mean of differences is 0.
public struct TTest: Sendable, Equatable {
  /// The mean over its standard error; infinite if all differences are the same and not 0, and 0 if
  /// all are 0.
  public let statistic: Double
  /// The number of pairs minus one.
  public let degreesOfFreedom: Int
  /// The probability of a t at least as far from 0 if the true mean is 0.
  public let p: Double

  /// The test of `differences`, one per pair, all finite; p is 1 for fewer than two, which carry no
  /// information.
  public init(_ differences: [Double]) {
    precondition(differences.allSatisfy(\.isFinite), "TTest: a difference is not finite")
    let count = Double(differences.count)
    degreesOfFreedom = max(0, differences.count - 1)
    let mean = differences.reduce(0, +) / max(1, count)
    // If all are equal, rounding in the mean must not look like a tiny deviation.
    let isConstant = differences.allSatisfy { $0 == differences.first }
    let squares = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    if degreesOfFreedom == 0 || (isConstant && mean == 0) {
      (statistic, p) = (0, 1)
    } else if isConstant {
      (statistic, p) = (mean > 0 ? .infinity : -.infinity, 0)
    } else {
      statistic = mean / (squares / (count - 1) / count).squareRoot()
      p = Self.twoSided(statistic, degreesOfFreedom: count - 1)
    }
  }

  /// P(|T| ≥ |t|) of Student's t distribution: I_x(ν/2, 1/2) at x = ν / (ν + t²).
  package static func twoSided(_ t: Double, degreesOfFreedom ν: Double) -> Double {
    let square = t * t
    guard square.isFinite else { return 0 }
    return incompleteBeta(
      ν / 2, 0.5, x: ν / (ν + square), complement: square / (ν + square))
  }
}
