package import Diagnostics
import Randomness
package import Ranking
package import Training

/// What the scores of a run's candidates say about one split: measures with significance, single
/// queries, distributions of scores, calibration and depth.
package struct RunAnalysis {
  /// The values of one query by the selecting measure.
  package struct Query {
    package let scored: RunScores.Query
    /// By the name of the order.
    package let values: [String: Double]
    /// The gain of the model's best order over the best of the baselines' orders.
    package let gain: Double
  }

  /// The share of the probabilities in a bin that came true.
  package struct Bin: Equatable {
    package let probability: Double
    package let share: Double
    package let count: Int

    package init(probability: Double, share: Double, count: Int) {
      (self.probability, self.share, self.count) = (probability, share, count)
    }
  }

  /// The result of reranking the first candidates only.
  package struct Depth: Equatable {
    package let depth: Int
    /// The value of the selecting measure by the model, and by the fused order if there is one.
    package let model: Double
    package let fused: Double?
    /// The value of the best order of these candidates, with the others behind them.
    package let ceiling: Double

    package init(depth: Int, model: Double, fused: Double?, ceiling: Double) {
      (self.depth, self.model, self.fused, self.ceiling) = (depth, model, fused, ceiling)
    }
  }

  package let split: String
  package let scores: RunScores
  package let queries: [RunScores.Query]
  package let measures: [Measure]
  package let select: Measure
  package let orders: [String]
  /// One for each order.
  package let runs: [EvaluatedRun]

  private static let draws = 10_000
  private static let seed: UInt64 = 1

  /// - Throws: `badData` if a measure is not known, or not defined for the grades.
  package init(_ scores: RunScores, split: String) throws(Failure) {
    self.split = split
    self.scores = scores
    queries = scores.queries.filter { $0.split == split }
    measures = try Measure.list(parsing: scores.measures.joined(separator: " "))
    select = try Measure(parsing: scores.selectedBy)
    orders = scores.orders(split)
    let options = EvaluatedRun.Options(
      measures: measures, isComplete: false, isJudgedOnly: false, depths: [])
    var runs: [EvaluatedRun] = []
    for order in orders {
      runs.append(try scores.evaluated(split, by: order, name: order, options))
    }
    self.runs = runs
  }

  /// The baselines among the orders.
  package var baselines: [String] { orders.filter { !Self.ownOrders.contains($0) } }

  /// The orders that training made.
  static let ownOrders = [RankingEvaluator.Order.model, RankingEvaluator.Order.fused]

  /// All orders compared with one of them; nil for a single order.
  package func family(against baseline: String) throws(Failure) -> RunFamily? {
    try RunFamily(
      runs, baseline: baseline, draws: Self.draws, seed: Self.seed,
      generator: SplitMix64(seed: Self.seed))
  }

  /// The mean of the selecting measure by an order.
  package func mean(_ order: String) -> Double? {
    orders.firstIndex(of: order).flatMap { runs[$0].evaluation.mean(of: select) }
  }

  /// The best of some orders by the selecting measure.
  package func best(of names: [String]) -> String? {
    names.filter(orders.contains).max { (mean($0) ?? 0) < (mean($1) ?? 0) }
  }

  /// All queries with their values, the greatest gain first.
  package func perQuery() -> [Query] {
    let own = best(of: Self.ownOrders)
    let baseline = best(of: baselines)
    return queries.compactMap { query in
      var values: [String: Double] = [:]
      for order in orders { values[order] = query.ranked(by: order).map(select.value(of:)) }
      guard let own = own.flatMap({ values[$0] }), let other = baseline.flatMap({ values[$0] })
      else { return nil }
      return Query(scored: query, values: values, gain: own - other)
    }.sorted { ($1.gain, $0.scored.query) < ($0.gain, $1.scored.query) }
  }

  /// The model's scores by grade, ascending; unjudged candidates count as nil.
  package func scoresByGrade() -> [(grade: Double?, scores: [Double])] {
    var found: [Double?: [Double]] = [:]
    for query in queries {
      guard let scores = query.scores[RankingEvaluator.Order.model] else { continue }
      for (grade, score) in zip(query.grades, scores) where score.isFinite {
        found[grade, default: []].append(Double(score))
      }
    }
    return found.map { ($0.key, $0.value) }.sorted {
      ($0.grade ?? -.infinity) < ($1.grade ?? -.infinity)
    }
  }

  /// The model's scores of all candidates, and whether each is relevant.
  package func outcomes() -> (scores: [Double], relevant: [Bool]) {
    var result: (scores: [Double], relevant: [Bool]) = ([], [])
    for query in queries {
      guard let scores = query.scores[RankingEvaluator.Order.model] else { continue }
      for (grade, score) in zip(query.grades, scores) where score.isFinite {
        result.scores.append(Double(score))
        result.relevant.append((grade ?? 0) >= self.scores.relevantFrom)
      }
    }
    return result
  }

  /// The reliability of a map from scores to probabilities, in ten bins of equal width; empty bins
  /// are left out.
  package func reliability(_ map: ScoreMap) -> (bins: [Bin], error: CalibrationError)? {
    let (scores, relevant) = outcomes()
    guard !scores.isEmpty else { return nil }
    let probabilities = scores.map(map.probability)
    var sums = [(probability: Double, relevant: Int, count: Int)](repeating: (0, 0, 0), count: 10)
    for (p, did) in zip(probabilities, relevant) {
      let bin = min(9, Int(p * 10))
      sums[bin].probability += p
      sums[bin].relevant += did ? 1 : 0
      sums[bin].count += 1
    }
    let bins = sums.filter { $0.count > 0 }.map {
      Bin(
        probability: $0.probability / Double($0.count),
        share: Double($0.relevant) / Double($0.count), count: $0.count)
    }
    return (bins, CalibrationError(probabilities: probabilities, happened: relevant))
  }

  /// The selecting measure where only the first stage's first candidates are reranked and the others
  /// keep its order behind them, for depths up to the longest list.
  package func depths() -> [Depth] {
    let deepest = queries.map(\.documents.count).max() ?? 0
    guard deepest > 1, orders.contains(RankingEvaluator.Order.model) else { return [] }
    var depths = [5, 10, 20, 50, 100, 200, 500, 1000].filter { $0 < deepest }
    depths.append(deepest)
    return depths.map { depth in
      func mean(_ order: String) -> Double {
        let values = queries.compactMap { $0.reranked(by: order, depth: depth) }
          .map(select.value(of:))
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
      }
      let ceilings = queries.compactMap { query -> Double? in
        query.ranked(by: RankingEvaluator.Order.firstStage).map {
          let head = $0.prefix(depth).bestOrder
          return select.value(
            of: RankedQuery(ranked: head.ranked + $0.ranked.dropFirst(depth), judged: $0.judged))
        }
      }
      let fused = RankingEvaluator.Order.fused
      return Depth(
        depth: depth, model: mean(RankingEvaluator.Order.model),
        fused: orders.contains(fused) ? mean(fused) : nil,
        ceiling: ceilings.reduce(0, +) / Double(max(1, ceilings.count)))
    }
  }
}

extension RunScores {
  /// The measures of one order of a split.
  ///
  /// - Throws: `badData` if a measure is not defined for the grades, or no query has the order.
  package func evaluated(
    _ split: String, by order: String, name: String, _ options: EvaluatedRun.Options
  ) throws(Failure) -> EvaluatedRun {
    let rankings = rankings(split, by: order)
    return try EvaluatedRun(
      name: name, tag: order, rankings: rankings, queries: rankings.count,
      judged: rankings.map { (query: $0.query, grades: $0.ranked.judged) }, options)
  }
}

extension RunScores.Query {
  /// The indices of the candidates in the order of some scores, ties as measures break them; nil
  /// without the scores.
  package func places(by order: String) -> [Int]? {
    guard let scores = scores[order] else { return nil }
    return documents.indices.sorted { a, b in
      scores[a] != scores[b]
        ? scores[a] > scores[b]
        : documents[b].utf8.lexicographicallyPrecedes(documents[a].utf8)
    }
  }

  /// The ranking where the first stage's first candidates are ordered by some scores.
  package func reranked(by order: String, depth: Int) -> RankedQuery? {
    guard let first = places(by: RankingEvaluator.Order.firstStage), let own = places(by: order)
    else { return nil }
    let head = Set(first.prefix(depth))
    let places = own.filter(head.contains) + first.dropFirst(depth)
    return RankedQuery(ranked: places.map { grades[$0] }, judged: judged)
  }
}
