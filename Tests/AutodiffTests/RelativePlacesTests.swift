import Autodiff
import Tensors
import Testing

@Suite struct RelativePlacesTests {
  /// The numbers of distances that share each bucket of one direction beyond those with one of
  /// their own, by transformers 5.24.0's `make_log_bucket_position` in single precision.
  private static let shared: [(span: Int, maximum: Int, runs: [Int])] = [
    (16, 152, [4, 6, 10, 14, 23, 34, 52, 78, 12]),
    (
      256, 512,
      [
        1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 1, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2,
        2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 2, 2, 3, 2, 2, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 3, 2, 3,
        3, 3, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 4, 3, 3, 4, 3, 4, 3, 4, 4, 3, 4, 4, 3, 4,
        4, 4, 4, 4, 4, 4, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 5, 5, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 5,
        5, 6, 6, 5, 6, 5, 6, 6, 6, 6, 6, 6, 6, 7, 6, 6, 7, 6,
      ]
    ),
  ]

  @Test(arguments: shared)
  func buckets(_ size: (span: Int, maximum: Int, runs: [Int])) {
    let exact = size.span / 2
    let last = exact + size.runs.reduce(0, +)
    let places = RelativePlaces(
      span: size.span, maximumDistance: size.maximum, positions: last + 1)
    var bucket = Array(0...exact)
    for (number, run) in size.runs.enumerated() {
      bucket += [Int](repeating: exact + 1 + number, count: run)
    }
    for distance in 0...last {
      #expect(places.place(of: distance) == min(size.span + bucket[distance], 2 * size.span - 1))
      #expect(places.place(of: -distance) == max(size.span - bucket[distance], 0))
    }
  }

  @Test func distances() {
    let places = RelativePlaces(span: 4, maximumDistance: nil, positions: 8)
    #expect((-7...7).map(places.place(of:)) == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7])
    #expect(places.places(ofLength: 3) == 2..<7 && places.places(ofLength: 8) == 0..<8)
    #expect(places.places(ofLength: 1) == 4..<5 && places.places(ofLength: 0) == 4..<5)
  }

  /// Buckets that would not grow.
  @Test func limits() {
    #expect(RelativePlaces.isValid(512, span: 256) && RelativePlaces.isValid(3, span: 2))
    #expect(!RelativePlaces.isValid(129, span: 256) && !RelativePlaces.isValid(9, span: 1))
  }
}
