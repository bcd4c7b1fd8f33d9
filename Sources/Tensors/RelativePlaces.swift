import Foundation

/// The rows of DeBERTa's table of relative positions (He et al., 2021): the row of each distance, a
/// query's position minus a key's.
///
/// The table has `2 · span` rows, distance 0 at row `span`. Either every distance has a row of its
/// own, or short distances do, and longer ones share rows of logarithmically increasing width up to a
/// maximum. Distances beyond the table's ends have its first and last row.
public final class RelativePlaces: Sendable {
  /// Half the number of rows.
  public let span: Int
  /// The distance at which the logarithmic rows end; nil if every distance has its own row.
  public let maximumDistance: Int?
  /// The largest distance between positions of a sequence.
  package let reach: Int
  /// The rows of distances −reach … reach.
  package let numbers: Indices

  /// Rows for sequences of at most `positions` tokens. `maximumDistance − 1` exceeds the number of
  /// distances with a separate row, which is half of `span`.
  public init(span: Int, maximumDistance: Int?, positions: Int) {
    precondition(
      span >= 1 && positions >= 1 && (maximumDistance.map { Self.isValid($0, span: span) } ?? true),
      "relative positions: span \(span), distances up to \(maximumDistance ?? 0)")
    self.span = span
    self.maximumDistance = maximumDistance
    reach = positions - 1
    let rows = (-reach...reach).map { distance -> Int32 in
      let length = abs(distance)
      let bucket =
        maximumDistance.map { Self.bucket(of: length, span: span, maximum: $0) } ?? length
      return Int32(min(max(span + (distance < 0 ? -bucket : bucket), 0), 2 * span - 1))
    }
    numbers = Storage(count: rows.count).copying(rows.span)
  }

  /// Whether rows can be shared logarithmically up to a maximum distance.
  public static func isValid(_ maximumDistance: Int, span: Int) -> Bool {
    span >= 2 && maximumDistance - 1 > span / 2
  }

  /// The bucket of a distance in one direction, in single precision as in transformers.
  private static func bucket(of length: Int, span: Int, maximum: Int) -> Int {
    let exact = span / 2
    guard length > exact else { return length }
    let growth =
      log(Float(length) / Float(exact)) / log(Float(Double(maximum - 1) / Double(exact)))
    return Int((growth * Float(exact - 1)).rounded(.up)) + exact
  }

  /// The row of a distance, at most `reach` in either direction.
  public func place(of distance: Int) -> Int { numbers[distance + reach] }

  /// The rows of all distances within a sequence of `length` tokens.
  public func places(ofLength length: Int) -> Range<Int> {
    let reach = max(length, 1) - 1
    return place(of: -reach)..<place(of: reach) + 1
  }
}
