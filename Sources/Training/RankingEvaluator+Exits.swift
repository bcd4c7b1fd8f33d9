package import Autodiff
package import Batches
package import Diagnostics
package import Models
import Ranking
import Scoring

/// What candidates' scores at a model's exits say on the queries of an evaluator.
package struct ExitEvaluation: Sendable {
  private let evaluator: RankingEvaluator
  private let layers: Int
  private let least: Int
  /// The scores of each candidate at every exit and after the last layer.
  private let scores: [[Float]]

  /// Scores all candidates of an evaluator with a model, at every exit and after the last layer.
  ///
  /// - Parameters:
  ///   - least: the number of candidates that go on at least.
  ///   - progress: receives the number of tokens done and the total.
  package init(
    _ evaluator: RankingEvaluator, _ model: CrossEncoder, in source: PairTokens,
    precision: Precision, workers: Int?, least: Int = ExitCascade.usualLeast,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) {
    precondition(model.exits != nil, "a model without exits")
    let all = ExitCascade(
      (model.exits?.exits ?? []).map { ExitCascade.Stop(layer: $0.layer, share: 1) })
    scores =
      PairScorer(model, precision: precision, workers: workers).stageScores(
        of: evaluator.pairs, in: source, maximumLength: evaluator.maximumLength, cascade: all,
        progress: progress
      ).scores
    self.evaluator = evaluator
    self.least = least
    layers = model.blueprint.layers.count
  }

  /// The exits with the shares that do the least work while the selecting measure is at most `loss`
  /// below that of the last layer's scores, and with the lines that map their scores onto the last
  /// layer's.
  ///
  /// Shares are multiples of 0.05, or of 0.1 where a model has more than two exits, and do not grow
  /// from exit to exit. Of those with the same work, since some candidates go on in any case, the
  /// largest are chosen: other queries may have more candidates.
  ///
  /// - Throws: errors of the measure.
  package func chosen(_ plan: ExitPlan, loss: Double) throws(Failure) -> ExitPlan {
    let full = try value(of: scores.map { Double($0[$0.count - 1]) })
    let parts = plan.exits.count > 2 ? 10 : 20
    let candidates = Self.descending(plan.exits.count, parts).map { shares in
      let cascade = ExitCascade(
        zip(plan.exits, shares).map { .init(layer: $0.layer, share: $1) }, least: least)
      return (cascade, work: work(of: cascade), sum: shares.reduce(0, +))
    }.sorted { ($0.work, $1.sum) < ($1.work, $0.sum) }
    var result = plan
    for (cascade, work, _) in candidates {
      let found = try value(of: cascade)
      guard found >= full - loss else { continue }
      for (number, stop) in cascade.stops.enumerated() {
        result.exits[number].share = stop.share
        let line = line(at: number, cascade)
        (result.exits[number].slope, result.exits[number].intercept) = line
      }
      result.choice = ExitPlan.Choice(
        measure: evaluator.select.description, loss: loss, full: full, cascade: found,
        work: work, queries: evaluator.ranges.count)
      break
    }
    return result
  }

  /// The selecting measure where all candidates go through all layers, and where they leave as a plan
  /// says.
  ///
  /// - Throws: errors of the measure.
  package func values(of plan: ExitPlan) throws(Failure) -> (full: Double, cascade: Double) {
    let cascade = ExitCascade(
      plan.exits.map { .init(layer: $0.layer, share: $0.share ?? 1) }, least: least)
    return (
      try value(of: scores.map { Double($0[$0.count - 1]) }), try value(of: cascade)
    )
  }

  /// All lists of so many shares that do not grow, in parts of 1.
  private static func descending(_ count: Int, _ parts: Int) -> [[Double]] {
    var lists: [[Int]] = [[]]
    for _ in 0..<count {
      lists = lists.flatMap { list in (1...(list.last ?? parts)).map { list + [$0] } }
    }
    return lists.map { $0.map { Double($0) / Double(parts) } }
  }

  /// The share of the layers' work that is done with a cascade.
  private func work(of cascade: ExitCascade) -> Double {
    let done = evaluator.ranges.reduce(0) {
      $0 + Double($1.count) * cascade.work(layers: layers, candidates: $1.count)
    }
    return done / Double(max(scores.count, 1))
  }

  /// The scores of a query's candidates as far as they go in a cascade.
  private func reached(_ query: Range<Int>, _ cascade: ExitCascade) -> [[Float]] {
    var stages = [Int](repeating: 0, count: query.count)
    var left = Array(0..<query.count)
    for stop in cascade.stops.indices {
      left = cascade.survivors(of: left, at: stop, ofQueryWith: query.count) {
        scores[query.lowerBound + $0][stop]
      }
      for candidate in left { stages[candidate] += 1 }
    }
    return zip(scores[query], stages).map { Array($0.prefix($1 + 1)) }
  }

  private func value(of cascade: ExitCascade) throws(Failure) -> Double {
    try value(
      of: evaluator.ranges.flatMap { cascade.merged(reached($0, cascade)).map(Double.init) })
  }

  private func value(of scores: [Double]) throws(Failure) -> Double {
    try evaluator.selected(scores)
  }

  /// The line through the scores of the candidates that leave at a stop, or where these determine none
  /// of all candidates, by least squares.
  private func line(at stop: Int, _ cascade: ExitCascade) -> (slope: Double, intercept: Double) {
    var leaving: [Int] = []
    for query in evaluator.ranges {
      for (place, scores) in reached(query, cascade).enumerated() where scores.count == stop + 1 {
        leaving.append(query.lowerBound + place)
      }
    }
    func points(_ candidates: some Sequence<Int>) -> [(Double, Double)] {
      candidates.map { (Double(scores[$0][stop]), Double(scores[$0][scores[$0].count - 1])) }
    }
    return ExitLine.fitted(to: points(leaving)) ?? ExitLine.fitted(to: points(scores.indices))
      ?? (1, 0)
  }
}

/// The line that maps the scores of an exit onto those of the last layer.
enum ExitLine {
  /// The line with the least squares; nil if its slope is not above 0, since the order would change,
  /// or if there are too few different scores.
  static func fitted(
    to points: [(x: Double, y: Double)]
  ) -> (slope: Double, intercept: Double)? {
    let count = Double(points.count)
    guard count >= 3 else { return nil }
    let x = points.reduce(0) { $0 + $1.x } / count
    let y = points.reduce(0) { $0 + $1.y } / count
    let squares = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    let products = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) }
    let slope = products / squares
    guard slope.isFinite, slope > 1e-6 else { return nil }
    return (slope, y - slope * x)
  }
}
