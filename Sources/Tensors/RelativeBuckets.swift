import Foundation

/// The buckets of relative position biases (T5: Raffel et al., 2020; MPNet has the same): short
/// distances have one bucket each, longer ones share buckets of logarithmically increasing width up
/// to a maximum distance, beyond which there is a single bucket.
///
/// The distance is the key's position minus the query's. With two directions each has half of the
/// buckets, keys after the query the upper half; with one, all keys after the query fall into the
/// bucket of distance 0, since a causal mask hides them.
public final class RelativeBuckets: Sendable {
  /// The number of buckets.
  public let count: Int
  /// The distance from which all distances share the last bucket of their direction.
  public let maximumDistance: Int
  /// Whether the directions have separate buckets.
  public let isBidirectional: Bool
  /// The buckets of distances −maximumDistance … maximumDistance.
  package let numbers: Indices

  /// `count` is at least 2, with two directions at least 4 and even; `maximumDistance` exceeds the
  /// number of distances with a separate bucket, which is half of a direction's buckets.
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

  /// The bucket of a distance in one direction, in single precision as in transformers.
  private static func bucket(of length: Int, _ side: Int, _ maximum: Int) -> Int {
    let exact = side / 2
    guard length >= exact else { return length }
    let growth = log(Float(length) / Float(exact)) / Float(log(Double(maximum) / Double(exact)))
    return min(exact + Int(growth * Float(side - exact)), side - 1)
  }

  /// The bucket of a key `distance` positions after the query (before it if negative).
  public func bucket(of distance: Int) -> Int {
    numbers[min(max(distance, -maximumDistance), maximumDistance) + maximumDistance]
  }
}

extension Storage {
  /// Copies integers into the memory of the same number of floats.
  func copying(_ values: Span<Int32>) -> Indices {
    precondition(values.count == count)
    let start = unsafe UnsafeMutableRawPointer(floats.start).bindMemory(
      to: Int32.self, capacity: count)
    for i in 0..<count { unsafe start[i] = values[i] }
    return unsafe Indices(start, count: count, in: self)
  }
}
