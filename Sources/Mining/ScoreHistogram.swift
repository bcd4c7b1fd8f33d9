/// How often which scores occur, in bins as wide as it takes: a power of two, so that the histogram
/// of all is the sum of those of parts, whatever the parts are.
public struct ScoreHistogram: Sendable, Equatable, Codable {
  /// The width of a bin is 2 to the power of this.
  public private(set) var exponent = Self.finest
  /// The number of the first bin: it begins at that number times the width.
  public private(set) var first = 0
  /// How many scores lie in each bin; the first and the last hold some.
  public private(set) var counts: [Int] = []
  /// The lowest score.
  public private(set) var lowest: Double?
  /// The highest score.
  public private(set) var highest: Double?

  /// Bins are no finer than 2⁻²⁰, and no more than 40.
  private static let finest = -20
  private static let limit = 40

  /// No scores.
  public init() {}

  /// How many scores there are.
  public var total: Int { counts.reduce(0, +) }

  /// The width of a bin.
  public var width: Double { Self.power(exponent) }

  /// Adds a finite score.
  public mutating func add(_ score: Double) {
    precondition(score.isFinite, "a histogram of \(score)")
    // What lies beyond any scale in use is counted at its end.
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

  /// The score that half of all are below, to within a bin.
  public var median: Double? {
    var left = (total + 1) / 2
    for (index, count) in counts.enumerated() {
      left -= count
      if left <= 0 { return (Double(first + index) + 0.5) * width }
    }
    return nil
  }

  /// Makes two bins one.
  private mutating func coarsen() {
    // Floor division, below 0 as well.
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
