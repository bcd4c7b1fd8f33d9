/// What the scores of some lists say about a model: how far the scores of a list lie apart, and how
/// many of its pairs are in the order of their labels.
///
/// Pairs are documents of one list with different labels; equal scores count as half in order, so
/// that scores without any information give 0.5. Adding lists of n documents costs O(n²) and
/// allocates nothing.
public struct ListScores: Sendable, Equatable {
  private var lists = 0
  private var deviations = 0.0
  private var magnitude = 0.0
  private var pairs = 0
  private var ordered = 0.0

  /// No lists yet.
  public init() {}

  /// The mean over the lists of the standard deviation of their scores; nil without a list of two.
  public var deviation: Double? { lists > 0 ? deviations / Double(lists) : nil }

  /// The mean over the lists of the mean magnitude of their scores; nil without a list of two.
  public var meanMagnitude: Double? { lists > 0 ? magnitude / Double(lists) : nil }

  /// The share of the pairs that are in order; nil without a pair.
  public var orderedShare: Double? { pairs > 0 ? ordered / Double(pairs) : nil }

  /// Adds lists: scores and labels `[pairs]`, and the offsets of the lists among them, `[lists +
  /// 1]`. `sums` are the scores with those of a first stage, `[pairs]`; if there are any, they are
  /// what is in order or not.
  public mutating func add(
    scores: Span<Double>, sums: Span<Double>? = nil, labels: Span<Double>, offsets: Span<Int>
  ) {
    precondition(
      scores.count == labels.count
        && (offsets.isEmpty || offsets[offsets.count - 1] <= scores.count),
      "ListScores: \(scores.count) scores, \(labels.count) labels")
    guard offsets.count > 1 else { return }
    for list in 0..<offsets.count - 1 {
      addSpread(scores, from: offsets[list], to: offsets[list + 1])
      if let sums {
        addOrder(sums, labels, from: offsets[list], to: offsets[list + 1])
      } else {
        addOrder(scores, labels, from: offsets[list], to: offsets[list + 1])
      }
    }
  }

  private mutating func addSpread(_ scores: Span<Double>, from start: Int, to end: Int) {
    guard end - start > 1 else { return }
    let count = Double(end - start)
    var sum = 0.0
    var magnitudes = 0.0
    for i in start..<end {
      sum += scores[i]
      magnitudes += abs(scores[i])
    }
    let mean = sum / count
    var squares = 0.0
    for i in start..<end { squares += (scores[i] - mean) * (scores[i] - mean) }
    lists += 1
    deviations += (squares / count).squareRoot()
    magnitude += magnitudes / count
  }

  private mutating func addOrder(
    _ scores: Span<Double>, _ labels: Span<Double>, from start: Int, to end: Int
  ) {
    for i in start..<end {
      for j in start..<end where labels[i] > labels[j] {
        pairs += 1
        if scores[i] > scores[j] { ordered += 1 } else if scores[i] == scores[j] { ordered += 0.5 }
      }
    }
  }
}
