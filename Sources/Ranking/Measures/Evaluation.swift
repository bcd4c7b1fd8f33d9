public import Diagnostics

/// The values of measures for every query of a run, and their means.
public struct Evaluation: Sendable, Equatable {
  /// The measures, in the order in which they were asked for.
  public let measures: [Measure]
  /// The queries that count, in order: whole numbers by size, then other ids by their bytes.
  public let queries: [String]
  /// The value of measure m for query q: `[measures][queries]`.
  public let values: [[Double]]
  /// The mean of each measure over the queries: `[measures]`.
  public let means: [Double]
  /// How many queries of the run were left out because they have no judgments.
  public let unjudgedQueries: Int
  /// How many judged queries the run has nothing for; they count, as 0, in a complete evaluation.
  public let missingQueries: Int

  /// The mean of `measure` over the queries, or nil where it was not asked for.
  public func mean(of measure: Measure) -> Double? {
    measures.firstIndex(of: measure).map { means[$0] }
  }
}

/// What trec_eval says of `run`: every measure for every query that has judgments and is in the run.
///
/// Each query is sorted once, whatever the number of measures.
///
/// - Parameters:
///   - run: query → documents with scores, in any order.
///   - judgments: query → document → grade.
///   - measures: what to compute.
///   - complete: whether judged queries that the run has nothing for count, with the value 0
///     (trec_eval's `-c`).
/// - Throws: `Failure` (`.badData`) where no query of the run is judged, a document comes twice for
///   a query, or a score is not a number.
public func evaluate(
  run: [String: [(document: String, score: Double)]], judgments: [String: [String: Double]],
  measures: [Measure], complete: Bool = false
) throws(Failure) -> Evaluation {
  try evaluation(run, judgments, measures, complete) { $0.value(of: $1) }
}

/// What a perfect reordering of every query's candidates would reach; parameters and errors as
/// for `evaluate`.
public func ceiling(
  run: [String: [(document: String, score: Double)]], judgments: [String: [String: Double]],
  measures: [Measure], complete: Bool = false
) throws(Failure) -> Evaluation {
  try evaluation(run, judgments, measures, complete) { $0.ceiling(of: $1) }
}

private func evaluation(
  _ run: [String: [(document: String, score: Double)]], _ judgments: [String: [String: Double]],
  _ measures: [Measure], _ complete: Bool, value: (Measure, RankedQuery) -> Double
) throws(Failure) -> Evaluation {
  let shared = run.keys.filter { judgments[$0] != nil }
  guard !shared.isEmpty || (complete && !judgments.isEmpty) else {
    throw Failure(
      .badData, "no query of the run has judgments",
      expected: "query ids that are in both the run and the qrels",
      remedy: "check that both are of the same collection and split; ids must be equal to the"
        + " letter, leading zeros included")
  }
  let queries = (complete ? Array(judgments.keys) : shared).sorted(by: comesBefore)
  var values = measures.map { _ in [Double]() }
  for query in queries {
    let ranked: RankedQuery
    do throws(Failure) {
      ranked = try RankedQuery(run[query] ?? [], judgments: judgments[query] ?? [:])
    } catch {
      var failure = error
      failure.problem += ", for the query '\(query)'"
      throw failure
    }
    for (index, measure) in measures.enumerated() {
      values[index].append(value(measure, ranked))
    }
  }
  return Evaluation(
    measures: measures, queries: queries, values: values,
    means: values.map { $0.reduce(0, +) / Double(queries.count) },
    unjudgedQueries: run.count - shared.count, missingQueries: judgments.count - shared.count)
}

/// Whether query `a` is listed before `b`: whole numbers by size, then other ids by their bytes.
private func comesBefore(_ a: String, _ b: String) -> Bool {
  switch (Int(a), Int(b)) {
  case (let x?, let y?) where x != y: x < y
  case (_?, nil): true
  case (nil, _?): false
  default: a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}
