/// A histogram of scores whose bin width is a power of two and adapts to the range of the scores,
/// so that the histogram of the whole is the sum of those of its parts, however it is divided.
public struct ScoreHistogram: Sendable, Equatable, Codable {
  /// The width of a bin is 2^exponent.
  public private(set) var exponent = Self.finest
  /// The number of the first bin: its lower bound is that number times the width.
  public private(set) var first = 0
  /// The number of scores in each bin; the first and the last bin are not empty.
  public private(set) var counts: [Int] = []
  /// The lowest score.
  public private(set) var lowest: Double?
  /// The highest score.
  public private(set) var highest: Double?

  /// The smallest width is 2⁻²⁰, and there are at most 40 bins.
  private static let finest = -20
  private static let limit = 40

  /// An empty histogram.
  public init() {}

  /// The number of scores.
  public var total: Int { counts.reduce(0, +) }

  /// The width of a bin.
  public var width: Double { Self.power(exponent) }

  /// Adds a finite score.
  public mutating func add(_ score: Double) {
    precondition(score.isFinite, "a histogram of \(score)")
    // Scores beyond any plausible scale count in the outermost bins.
    let bounded = min(max(score, -0x1p40), 0x1p40)
    var one = ScoreHistogram()
    one.first = Int((bounded / one.width).rounded(.down))
    one.counts = [1]
    (one.lowest, one.highest) = (score, score)
    add(one)
  }

  /// Adds the scores of another histogram.
  public mutating func add(_ other: ScoreHistogram) {
    guard !other.counts.isEmpty else { return }
    guard !counts.isEmpty else { return self = other }
    var other = other
    while exponent < other.exponent { coarsen() }
    while other.exponent < exponent { other.coarsen() }
    while max(first + counts.count, other.first + other.counts.count)
      - min(first, other.first) > Self.limit
    {
      coarsen()
      other.coarsen()
    }
    let start = min(first, other.first)
    let end = max(first + counts.count, other.first + other.counts.count)
    var sum = [Int](repeating: 0, count: end - start)
    for (index, count) in counts.enumerated() { sum[first - start + index] += count }
    for (index, count) in other.counts.enumerated() { sum[other.first - start + index] += count }
    (first, counts) = (start, sum)
    lowest = [lowest, other.lowest].compactMap(\.self).min()
    highest = [highest, other.highest].compactMap(\.self).max()
  }

  /// The median score, to within a bin.
  public var median: Double? {
    var left = (total + 1) / 2
    for (index, count) in counts.enumerated() {
      left -= count
      if left <= 0 { return (Double(first + index) + 0.5) * width }
    }
    return nil
  }

  /// Merges pairs of bins, doubling the width.
  private mutating func coarsen() {
    // Floor division, also below 0.
    let start = first >> 1
    let end = (first + counts.count - 1) >> 1
    var halved = [Int](repeating: 0, count: end - start + 1)
    for (index, count) in counts.enumerated() { halved[((first + index) >> 1) - start] += count }
    (first, counts, exponent) = (start, halved, exponent + 1)
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
