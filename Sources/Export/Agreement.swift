import Foundation

/// How far the scores of an export are from the model's.
public struct Agreement: Sendable, Equatable {
  /// How many pairs were scored.
  public let pairs: Int
  /// The largest difference.
  public let difference: Float
  /// The largest difference that is allowed for a score of magnitude up to 1; for larger ones it is
  /// larger in proportion.
  public let tolerance: Float
  /// Whether every score is as near as it has to be.
  public let isClose: Bool

  /// A comparison that was made.
  package init(pairs: Int, difference: Float, tolerance: Float, isClose: Bool) {
    self.pairs = pairs
    self.difference = difference
    self.tolerance = tolerance
    self.isClose = isClose
  }

  /// The difference with as many digits as mean something.
  public var roundedDifference: Double {
    Double(String(format: "%.1e", Double(difference))) ?? .nan
  }
}
