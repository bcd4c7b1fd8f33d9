import Foundation

/// The difference between the scores of an export and the model's.
public struct Agreement: Sendable, Equatable {
  /// The number of pairs scored.
  public let pairs: Int
  /// The largest difference.
  public let difference: Float
  /// The largest difference allowed for a score of magnitude up to 1; it grows in proportion to
  /// larger magnitudes, and to the spread of scores.
  public let tolerance: Float
  /// Whether every difference is within the tolerance.
  public let isClose: Bool

  /// The result of a comparison.
  package init(pairs: Int, difference: Float, tolerance: Float, isClose: Bool) {
    self.pairs = pairs
    self.difference = difference
    self.tolerance = tolerance
    self.isClose = isClose
  }

  /// The difference, rounded to two significant digits.
  public var roundedDifference: Double {
    Double(String(format: "%.1e", Double(difference))) ?? .nan
  }
}
