import Autodiff
import Tensors
import Testing

@Suite struct RelativeBucketTests {
  /// The distances at which the buckets of T5 and MPNet begin: 8 · 16^(i/8), rounded up.
  @Test func bothDirections() {
    let buckets = RelativeBuckets(count: 32, maximumDistance: 128, isBidirectional: true)
    let starts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91]
    for (bucket, start) in starts.enumerated() {
      #expect(buckets.bucket(of: -start) == bucket)
      if start > 0 {
        #expect(buckets.bucket(of: start) == 16 + bucket)
        #expect(buckets.bucket(of: 1 - start) == bucket - 1)
      }
    }
    #expect(buckets.bucket(of: -128) == 15)
    #expect(buckets.bucket(of: 100_000) == 31)
  }

  @Test(arguments: [(2, 9), (32, 128), (20, 30)], [false, true])
  func formula(_ size: (count: Int, distance: Int), _ isBidirectional: Bool) {
    let count = isBidirectional ? 2 * size.count : size.count
    let buckets = RelativeBuckets(
      count: count, maximumDistance: size.distance, isBidirectional: isBidirectional)
    for distance in -200...200 {
      #expect(buckets.bucket(of: distance) == AttentionReference.bucket(distance, buckets))
    }
  }

  @Test func oneDirection() {
    let buckets = RelativeBuckets(count: 32, maximumDistance: 128, isBidirectional: false)
    #expect([5, 1, 0, -1, -15, -16].map(buckets.bucket(of:)) == [0, 0, 0, 1, 15, 16])
    #expect(buckets.bucket(of: -128) == 31)
  }
}
