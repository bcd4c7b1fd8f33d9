public import Diagnostics

/// A query's id with its result.
public struct QueryRanking: Sendable, Equatable {
  /// The id.
  public var query: String
  /// The grades of the retrieved documents, in ranked order, and of all judged documents.
  public var ranked: RankedQuery

  /// A result under its query's id.
  public init(query: String, ranked: RankedQuery) {
    self.query = query
    self.ranked = ranked
  }
}

/// The order of the documents for the evaluation of every query.
public enum EvaluatedOrder: Sendable {
  /// The order of retrieval.
  case retrieved
  /// The best order of the same documents, which gives the ceiling.
  case best
}

/// The values of measures for every query of a run, and their means.
public struct Evaluation: Sendable, Equatable {
  /// The measures, in the requested order.
  public let measures: [Measure]
  /// The queries that count, in order: integers by value, then other ids by their bytes.
  public let queries: [String]
  /// The value of measure m for query q: `[measures][queries]`.
  public let values: [[Double]]
  /// The mean of each measure over the queries: `[measures]`.
  public let means: [Double]
  /// The number of the run's queries that were left out since they have no judgments.
  public let unjudgedQueries: Int
  /// The number of judged queries without results; they count as 0 in a complete evaluation.
  public let missingQueries: Int

  /// The mean of `measure` over the queries, or nil if it was not requested.
  public func mean(of measure: Measure) -> Double? {
    measures.firstIndex(of: measure).map { means[$0] }
  }

  /// The values of trec_eval for results: every measure for every query.
  ///
  /// - Parameters:
  ///   - rankings: the queries that count, in any order; in a complete evaluation also those
  ///     without results, as empty lists.
  ///   - measures: the measures to compute.
  ///   - unjudgedQueries: the number of queries of the run without judgments.
  ///   - missingQueries: the number of judged queries without results.
  ///   - order: whether values are computed, or ceilings.
  /// - Throws: `Failure` (`.badData`) if there are no rankings, or if a measure is undefined for
  ///   the grades of a query.
  public init(
    of rankings: [QueryRanking], measures: [Measure], unjudgedQueries: Int = 0,
    missingQueries: Int = 0, order: EvaluatedOrder = .retrieved
  ) throws(Failure) {
    guard !rankings.isEmpty else {
      throw Failure(
        .badData, "no query of the run has judgments",
        expected: "query ids that are in both the run and the qrels",
        remedy: "check that both are of the same collection and split; ids must match exactly,"
          + " including leading zeros")
    }
    let rankings = rankings.map { (number: Int($0.query), ranking: $0) }.sorted {
      comesBefore(($0.number, $0.ranking.query), ($1.number, $1.ranking.query))
    }.map(\.ranking)
    var values = measures.map { _ in [Double]() }
    for ranking in rankings {
      let best = order == .best ? ranking.ranked.bestOrder : nil
      for (index, measure) in measures.enumerated() {
        do throws(Failure) {
          try measure.check(ranking.ranked)
        } catch {
          var failure = error
          failure.problem += ", for the query '\(ranking.query)'"
          throw failure
        }
        let value = best.map(measure.ceiling(ofBestOrder:)) ?? measure.value(of: ranking.ranked)
        guard value.isFinite else {
          throw Failure(
            .badData, "\(measure) is not finite, for the query '\(ranking.query)'",
            expected: "grades with finite sums", remedy: "use smaller grades")
        }
        values[index].append(value)
      }
    }
    self.measures = measures
    queries = rankings.map(\.query)
    self.values = values
    means = values.map { $0.reduce(0, +) / Double(rankings.count) }
    self.unjudgedQueries = unjudgedQueries
    self.missingQueries = missingQueries
  }
}

/// The values of trec_eval for `run`: every measure for every query with judgments that is in the
/// run.
///
/// Each query is sorted once, regardless of the number of measures.
///
/// - Parameters:
///   - run: query → documents with scores, in any order.
///   - judgments: query → document → grade.
///   - measures: the measures to compute.
///   - complete: whether judged queries without results count, with the value 0 (trec_eval's `-c`).
/// - Throws: `Failure` (`.badData`) if no query of the run is judged, a query has a duplicate
///   document, a score is NaN, or a measure is undefined for the grades.
public func evaluate(
  run: [String: [(document: String, score: Double)]], judgments: [String: [String: Double]],
  measures: [Measure], complete: Bool = false
) throws(Failure) -> Evaluation {
  try evaluation(run, judgments, measures, complete, .retrieved)
}

/// The ceiling: the values of a perfect reordering of every query's candidates; parameters and
/// errors as for `evaluate`.
public func ceiling(
  run: [String: [(document: String, score: Double)]], judgments: [String: [String: Double]],
  measures: [Measure], complete: Bool = false
) throws(Failure) -> Evaluation {
  try evaluation(run, judgments, measures, complete, .best)
}

private func evaluation(
  _ run: [String: [(document: String, score: Double)]], _ judgments: [String: [String: Double]],
  _ measures: [Measure], _ complete: Bool, _ order: EvaluatedOrder
) throws(Failure) -> Evaluation {
  var rankings: [QueryRanking] = []
  for (query, grades) in judgments where complete || run[query] != nil {
    do throws(Failure) {
      rankings.append(
        QueryRanking(query: query, ranked: try RankedQuery(run[query] ?? [], judgments: grades)))
    } catch {
      var failure = error
      failure.problem += ", for the query '\(query)'"
      throw failure
    }
  }
  let shared = run.keys.count { judgments[$0] != nil }
  return try Evaluation(
    of: rankings, measures: measures, unjudgedQueries: run.count - shared,
    missingQueries: judgments.count - shared, order: order)
}

/// Whether query `a`, with its id as an integer if it is one, is listed before `b`: integers by
/// value, then other ids by their bytes.
private func comesBefore(_ a: (number: Int?, id: String), _ b: (number: Int?, id: String)) -> Bool {
  switch (a.number, b.number) {
  case (let x?, let y?) where x != y: x < y
  case (_?, nil): true
  case (nil, _?): false
  default: a.id.utf8.lexicographicallyPrecedes(b.id.utf8)
  }
}
