import Foundation

/// The buckets of relative position biases (T5: Raffel et al., 2020; MPNet has the same): near
/// distances have a bucket each, far ones share buckets that widen logarithmically up to a largest
/// distance, beyond which there is a single one.
///
/// The distance is the key's position less the query's. With both directions each has half of the
/// buckets, keys after the query the upper half; with one, all keys after the query fall into the
/// bucket of distance 0, since a causal mask hides them.
public final class RelativeBuckets: Sendable {
  /// How many buckets there are.
  public let count: Int
  /// The distance from which on there is a single bucket.
  public let maximumDistance: Int
  /// Whether the directions have buckets of their own.
  public let isBidirectional: Bool
  /// The buckets of distances −maximumDistance … maximumDistance.
  package let numbers: Indices

  /// `count` is at least 2, with both directions 4 and even; `maximumDistance` is larger than the
  /// number of distances that have a bucket of their own: half a direction's buckets.
  public init(count: Int, maximumDistance: Int, isBidirectional: Bool) {
    let side = isBidirectional ? count / 2 : count
    precondition(
      side >= 2 && (!isBidirectional || count % 2 == 0) && maximumDistance > side / 2,
      "\(count) buckets of distances up to \(maximumDistance)")
    self.count = count
    self.maximumDistance = maximumDistance
    self.isBidirectional = isBidirectional
    let buckets = (-maximumDistance...maximumDistance).map { distance in
      let isAfter = distance > 0
      let length = isBidirectional ? abs(distance) : max(0, -distance)
      return Int32(
        (isBidirectional && isAfter ? side : 0)
          + Self.bucket(of: length, side, maximumDistance))
    }
    numbers = Storage(count: buckets.count).copying(buckets.span)
  }

  /// The bucket of a distance in one direction, in single precision like transformers'.
  private static func bucket(of length: Int, _ side: Int, _ maximum: Int) -> Int {
    let exact = side / 2
    guard length >= exact else { return length }
    let growth = log(Float(length) / Float(exact)) / Float(log(Double(maximum) / Double(exact)))
    return min(exact + Int(growth * Float(side - exact)), side - 1)
  }

  /// The bucket of a key `distance` positions after the query (before it where negative).
  public func bucket(of distance: Int) -> Int {
    numbers[min(max(distance, -maximumDistance), maximumDistance) + maximumDistance]
  }
}

extension Storage {
  /// Integers in the memory of as many floats.
  fileprivate func copying(_ values: Span<Int32>) -> Indices {
    precondition(values.count == count)
    let start = unsafe UnsafeMutableRawPointer(floats.start).bindMemory(
      to: Int32.self, capacity: count)
    for i in 0..<count { unsafe start[i] = values[i] }
    return unsafe Indices(start, count: count, in: self)
  }
}
