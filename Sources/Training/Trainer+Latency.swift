import Batches
import Scoring

extension Trainer {
  /// The depths at which reranking is timed.
  private static var depths: [Int] { [10, 20, 50, 100] }
  /// The number of queries per depth, of which the median counts.
  private static var timedQueries: Int { 3 }

  /// The time that reranking one query takes at several depths, with all workers on it, for the
  /// queries of test, or of dev, with the most candidates; depths that no query reaches are left
  /// out. Empty without either. All ranks must call it.
  public func latencies() -> [RunScores.Latency] {
    guard let evaluator = data.test ?? data.dev else { return [] }
    var result: [RunScores.Latency] = []
    for (place, depth) in Self.depths.enumerated() {
      let above = place == 0 ? 1 : Self.depths[place - 1]
      var seconds: [Double] = []
      var deepest = 0
      for pairs in evaluator.deepest(Self.timedQueries, depth: depth, above: above) {
        let started = ContinuousClock.now
        _ = scorer.scores(
          of: pairs, in: data.source, maximumLength: evaluator.pairLength, progress: { _, _ in })
        seconds.append((ContinuousClock.now - started).inSeconds)
        deepest = max(deepest, pairs.count)
      }
      guard !seconds.isEmpty else { break }
      result.append(.init(depth: deepest, seconds: seconds.sorted()[seconds.count / 2]))
    }
    return result
  }

  /// The number of workers per rank.
  public var workers: Int { step.workerCount }
}
