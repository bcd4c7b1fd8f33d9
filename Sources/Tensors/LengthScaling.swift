import Foundation

/// A factor of attention scores that grows with the number of tokens of a sequence, so that
/// attention over more of them is no flatter (Su, https://kexue.fm/archives/8823): the logarithm of
/// the number to the base of a usual one.
public struct LengthScaling: Sendable, Hashable {
  /// The length at which the factor is 1; at least 2.
  public var length: Int
  /// Whether longer sequences have the factor 1, too.
  public var isCapped: Bool

  /// `length` is at least 2.
  public init(length: Int, isCapped: Bool) {
    precondition(length > 1, "a length scaling to the base \(length)")
    (self.length, self.isCapped) = (length, isCapped)
  }

  /// The factor of a sequence of `count` tokens.
  public func factor(of count: Int) -> Float {
    let factor = log(Double(max(count, 1))) / log(Double(length))
    return Float(isCapped ? min(factor, 1) : factor)
  }
}
