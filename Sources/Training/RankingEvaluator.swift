public import Batches
public import Diagnostics
import Foundation
public import Lists
package import Models
import Randomness
public import Ranking
package import Scoring

/// The measures of one order of the candidates.
public struct OrderMeasures: Sendable, Equatable {
  /// The name of the order: "first stage", "bi-encoder", "base model", "model", "fused".
  public var name: String
  /// The mean of each measure, in the order of the evaluator's measures.
  public var means: [Double]
  /// 95 % intervals of the means over other queries of the same kind; nil if not requested.
  public var intervals: [Bootstrap]?
  /// 95 % intervals of the differences from the first stage's means; nil if not requested.
  public var gains: [Bootstrap]?
  /// The selecting measure's value for each query, in the evaluator's order.
  package var selected: [Double] = []
}

/// The scores of a split's candidates by which they are ordered, beside the first stage's.
package struct OrderScores {
  var model: [Double]
  var biEncoder: [Double]?
  var base: [Double]?
  var fusion: Fusion?

  /// The scores of a model, and those of baselines and of a fusion if there are any.
  package init(
    model: [Double], biEncoder: [Double]? = nil, base: [Double]? = nil, fusion: Fusion? = nil
  ) {
    (self.model, self.biEncoder, self.base, self.fusion) = (model, biEncoder, base, fusion)
  }
}

/// The result of an evaluation.
public struct EvaluationReport: Sendable, Equatable {
  /// The measures' names.
  public var measures: [String]
  /// The number of queries that count.
  public var queries: Int
  /// One entry for each order of the candidates, the first stage first.
  public var orders: [OrderMeasures]
  /// The measures of a perfect order of the candidates.
  public var ceiling: [Double]
  /// The weight of the first stage in "fused".
  public var fusionWeight: Double?

  /// The value of a measure for one order.
  public func value(_ order: String, _ measure: String) -> Double? {
    guard let m = measures.firstIndex(of: measure) else { return nil }
    return orders.first { $0.name == order }?.means[m]
  }
}

/// Orders the first stage's candidates of judged queries by a model, and measures the result
/// together with the first stage's own order.
public struct RankingEvaluator: Sendable {
  /// The names of the orders in reports.
  public enum Order {
    /// The first stage's own order.
    public static let firstStage = "first stage"
    /// By the cosines of a bi-encoder.
    public static let biEncoder = "bi-encoder"
    /// By the scores of the base model as it came, where it is a cross-encoder.
    public static let base = "base model"
    /// By the model's scores.
    public static let model = "model"
    /// By a weighted sum of model and first stage.
    public static let fused = "fused"
    /// All of them, as reports list them.
    public static let all = [firstStage, biEncoder, base, model, fused]
  }

  /// The measures.
  public let measures: [Measure]
  /// The measure that selects weights and models.
  public let select: Measure
  let maximumLength: Int
  let pairs: [Pair]
  let ranges: [Range<Int>]
  let firstScores: [Double]
  private let documents: [[String]]
  private let queries: [String]
  private let judgments: [[String: Double]]

  /// - Throws: `Failure` if no query has candidates.
  public init(
    _ queries: [JudgedQuery], documentIDs: [String], measures: [Measure], select: Measure,
    maximumLength: Int, split: String
  ) throws(Failure) {
    self.measures = measures.contains(select) ? measures : [select] + measures
    self.select = select
    self.maximumLength = maximumLength
    var pairs: [Pair] = []
    var ranges: [Range<Int>] = []
    var firstScores: [Double] = []
    var documents: [[String]] = []
    let usable = queries.filter { !$0.candidates.isEmpty }
    for query in usable {
      let start = pairs.count
      for (document, score) in query.candidates {
        pairs.append(Pair(query: query.query, document: document))
        firstScores.append(score)
      }
      ranges.append(start..<pairs.count)
      documents.append(query.candidates.map { documentIDs[$0.document] })
    }
    guard !usable.isEmpty else {
      throw Failure(
        .badData, "no judged query of split '\(split)' has candidates to rerank",
        expected: "a run file of the first stage for this split",
        remedy: "set 'candidates' of the source in the recipe")
    }
    (self.pairs, self.ranges, self.firstScores) = (pairs, ranges, firstScores)
    self.documents = documents
    self.queries = usable.map(\.id)
    judgments = usable.map { query in
      var grades: [String: Double] = [:]
      for (document, grade) in query.judged { grades[documentIDs[document]] = grade }
      return grades
    }
  }

  /// The number of units (tokens of texts) that an evaluation scores.
  public func units(in source: some ItemSource) -> Int {
    pairs.reduce(0) { $0 + source.length(of: $1, maximum: maximumLength) }
  }

  /// The model's scores of all candidates.
  package func scores<Model: RankingModel, Source: ItemSource>(
    _ scorer: ItemScorer<Model>, _ source: Source,
    progress: @escaping @Sendable (Int, Int) -> Void
  ) -> [Double] where Source.Items == Model.Items {
    scorer.scores(of: pairs, in: source, maximumLength: maximumLength, progress: progress)
      .map(Double.init)
  }

  /// The cosines of all candidates with their query.
  package func cosines(queries: Embeddings, documents: Embeddings) -> [Double] {
    pairs.map { Double(queries.cosine($0.query, with: $0.document, of: documents)) }
  }

  /// Measures the model's scores together with the first stage. `fusion` adds an order by the
  /// weighted sum; `withIntervals` adds confidence intervals of the means.
  package func report(
    model: [Double], biEncoder: [Double]?, base: [Double]? = nil, fusion: Fusion?,
    withIntervals: Bool = false
  ) throws(Failure) -> EvaluationReport {
    let first = try evaluation(firstScores)
    var orders: [OrderMeasures] = []
    func add(_ name: String, _ result: Evaluation) {
      var order = OrderMeasures(name: name, means: result.means)
      if let place = measures.firstIndex(of: select) { order.selected = result.values[place] }
      if withIntervals {
        order.intervals = Self.intervals(result.values)
        if name != Order.firstStage {
          // The values are paired, since the queries and their order are the same.
          order.gains = Self.intervals(
            zip(result.values, first.values).map { zip($0, $1).map { $0 - $1 } })
        }
      }
      orders.append(order)
    }
    add(Order.firstStage, first)
    if let biEncoder { add(Order.biEncoder, try evaluation(biEncoder)) }
    if let base { add(Order.base, try evaluation(base)) }
    add(Order.model, try evaluation(model))
    if let fusion { add(Order.fused, try evaluation(fused(model, fusion))) }
    let best = try ceiling(run: run(firstScores), judgments: judged, measures: measures)
    return EvaluationReport(
      measures: measures.map(\.description), queries: best.queries.count, orders: orders,
      ceiling: best.means, fusionWeight: fusion?.weight)
  }

  /// The candidates with the scores of all orders, as a run stores them.
  package func scored(split: String, _ scores: OrderScores) -> [RunScores.Query] {
    let orders = Order.all.map { ($0, self.scores(of: $0, scores)) }
    return ranges.indices.map { i in
      var scores: [String: [Float]] = [:]
      for case (let name, let all?) in orders { scores[name] = all[ranges[i]].map(Self.single) }
      return RunScores.Query(
        split: split, query: queries[i], documents: documents[i],
        grades: documents[i].map { judgments[i][$0] },
        judged: judgments[i].values.sorted(by: >), scores: scores)
    }
  }

  /// A score in single precision. A run may hold scores beyond its range, or infinite ones, which no
  /// file of JSON has.
  private static func single(_ score: Double) -> Float {
    let most = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(score, -most), most))
  }

  /// The pairs of the queries with the most candidates, each truncated to a depth; at most `most`
  /// queries, and none if no query has more candidates than the depth before.
  package func deepest(_ most: Int, depth: Int, above: Int) -> [[Pair]] {
    let long = ranges.indices.filter { ranges[$0].count > above }.sorted {
      (ranges[$1].count, $0) < (ranges[$0].count, $1)
    }
    return long.prefix(most).map { Array(pairs[ranges[$0]].prefix(depth)) }
  }

  /// The most units (tokens of texts) of a pair.
  package var pairLength: Int { maximumLength }

  /// The first stage's best weight by the selecting measure.
  package func bestFusion(model: [Double]) throws(Failure) -> Fusion {
    let candidates = ranges.indices.map { i in
      Fusion.Candidates(
        documents: documents[i], model: Array(model[ranges[i]]),
        firstStage: Array(firstScores[ranges[i]]), judgments: judgments[i])
    }
    return Fusion(weight: try Fusion.best(queries: candidates, measure: select))
  }

  /// The share of the pairs that are truncated.
  package func truncatedShare(in source: some ItemSource) -> Double {
    let long = pairs.count { source.length(of: $0, maximum: .max) > maximumLength }
    return Double(long) / Double(max(1, pairs.count))
  }

  /// The scores of one of the orders; nil if it is none of these.
  package func scores(of order: String, _ scores: OrderScores) -> [Double]? {
    switch order {
    case Order.firstStage: firstScores
    case Order.biEncoder: scores.biEncoder
    case Order.base: scores.base
    case Order.model: scores.model
    case Order.fused: scores.fusion.map { fused(scores.model, $0) }
    default: nil
    }
  }

  /// The change of the mean discount 1 / log2(1 + rank) of each grade's documents from one order to
  /// another, for the grades above 0 among the candidates.
  package func gradeChanges(
    from old: [Double], to new: [Double]
  ) -> [VerdictFacts.GradeChange] {
    var sums: [Double: (change: Double, count: Int)] = [:]
    for (query, range) in ranges.enumerated() {
      let (before, after) = (Self.discounts(old[range]), Self.discounts(new[range]))
      for (place, document) in documents[query].enumerated() {
        guard let grade = judgments[query][document], grade > 0 else { continue }
        let known = sums[grade] ?? (0, 0)
        sums[grade] = (known.change + after[place] - before[place], known.count + 1)
      }
    }
    return sums.map { .init(grade: $0.key, change: $0.value.change / Double($0.value.count)) }
      .sorted { $0.grade < $1.grade }
  }

  private static func discounts(_ scores: ArraySlice<Double>) -> [Double] {
    let scores = Array(scores)
    var result = [Double](repeating: 0, count: scores.count)
    let order = scores.indices.sorted {
      scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
    }
    for (rank, place) in order.enumerated() { result[place] = 1 / log2(Double(rank + 2)) }
    return result
  }

  private func fused(_ model: [Double], _ fusion: Fusion) -> [Double] {
    ranges.flatMap {
      fusion.scores(model: Array(model[$0]), firstStage: Array(firstScores[$0]))
    }
  }

  private var judged: [String: [String: Double]] {
    Dictionary(uniqueKeysWithValues: zip(queries, judgments))
  }

  private func run(_ scores: [Double]) -> [String: [(document: String, score: Double)]] {
    var result: [String: [(document: String, score: Double)]] = [:]
    for (i, range) in ranges.enumerated() {
      result[queries[i]] = zip(documents[i], scores[range]).map { ($0, $1) }
    }
    return result
  }

  private func evaluation(_ scores: [Double]) throws(Failure) -> Evaluation {
    try evaluate(run: run(scores), judgments: judged, measures: measures)
  }

  /// The mean of the selecting measure for some scores of the candidates.
  ///
  /// - Throws: errors of the measure.
  package func selected(_ scores: [Double]) throws(Failure) -> Double {
    try evaluate(run: run(scores), judgments: judged, measures: [select]).means[0]
  }

  /// An interval for each measure, from the values of all queries. All start from the same seed, so
  /// that they do not depend on the other measures.
  private static func intervals(_ values: [[Double]]) -> [Bootstrap] {
    values.map { values in
      var random = SplitMix64(seed: 1)
      return Bootstrap(meanOf: values, using: &random)
    }
  }

  /// The calibration of the model's scores; a document without a judgment counts as not relevant,
  /// as in the measures. Nil if no calibration can be fitted.
  package func calibration(model: [Double], relevantFrom grade: Double) -> Calibration? {
    let grades = ranges.indices.flatMap { i in documents[i].map { judgments[i][$0] ?? 0 } }
    return try? Calibration(scores: model, grades: grades, relevantFrom: grade)
  }
}
