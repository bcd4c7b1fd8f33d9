package import Batches
import Diagnostics

// What a forecast asks of an evaluation.
extension RankingEvaluator {
  /// The number of queries with candidates.
  var queryCount: Int { ranges.count }

  /// The cost of an evaluation's scores.
  func cost(in source: some ItemSource) -> Double {
    pairs.reduce(0) {
      $0 + source.cost(ofLength: source.length(of: $1, maximum: maximumLength))
    }
  }

  /// At most so many pairs, evenly spaced.
  package func sample(_ most: Int) -> [Pair] {
    let distance = max(1, pairs.count / max(most, 1))
    return stride(from: 0, to: pairs.count, by: distance).prefix(most).map { pairs[$0] }
  }

  /// The seconds that it takes to measure scores that are known: in an evaluation, with the search
  /// for the weight of a fusion if it has one, and at the end with intervals.
  func measuringSeconds(fuses: Bool) -> (report: Double, intervals: Double) {
    func seconds(_ body: () throws(Failure) -> Void) -> Double {
      let began = ContinuousClock.now
      try? body()
      return (ContinuousClock.now - began).inSeconds
    }
    let report = seconds { () throws(Failure) in
      let fusion = fuses ? try bestFusion(model: firstScores) : nil
      _ = try self.report(model: firstScores, biEncoder: firstScores, fusion: fusion)
    }
    let intervals = seconds { () throws(Failure) in
      _ = try self.report(
        model: firstScores, biEncoder: firstScores, fusion: nil, withIntervals: true)
    }
    return (report, intervals)
  }
}
