import Foundation

/// Student's paired t-test, two-sided: whether the mean of differences is 0.
public struct TTest: Sendable, Equatable {
  /// The mean over its standard error; infinite where all differences are the same and not 0, and
  /// 0 where all are 0.
  public let statistic: Double
  /// One less than the number of pairs.
  public let degreesOfFreedom: Int
  /// How likely a t at least as far from 0 is where the true mean is 0.
  public let p: Double

  /// The test of `differences`, one a pair, all finite; p is 1 for fewer than two, which say
  /// nothing.
  public init(_ differences: [Double]) {
    precondition(differences.allSatisfy(\.isFinite), "TTest: a difference is not finite")
    let count = Double(differences.count)
    degreesOfFreedom = max(0, differences.count - 1)
    let mean = differences.reduce(0, +) / max(1, count)
    // Where all are the same, rounding in the mean must not pass for a tiny deviation.
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
