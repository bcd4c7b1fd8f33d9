package import Diagnostics

/// The evaluation of one run: its measures, their ceilings, and the numbers of queries left out.
package struct EvaluatedRun: Sendable {
  /// The settings of an evaluation.
  package struct Options: Sendable {
    /// The measures to compute.
    package var measures: [Measure]
    /// Whether judged queries without results in the run count as 0.
    package var isComplete: Bool
    /// Whether unjudged documents are removed first.
    package var isJudgedOnly: Bool
    /// The depths of the table of ceilings; empty for no table.
    package var depths: [Int]

    /// These options.
    package init(measures: [Measure], isComplete: Bool, isJudgedOnly: Bool, depths: [Int]) {
      (self.measures, self.depths) = (measures, depths)
      (self.isComplete, self.isJudgedOnly) = (isComplete, isJudgedOnly)
    }
  }

  /// The file, as the user named it.
  package let name: String
  /// The run's tag.
  package let tag: String
  /// The values of the measures.
  package let evaluation: Evaluation
  /// The values that each query's documents would reach in their best order.
  package let ceiling: Evaluation
  /// The ceilings of the first documents only, for the requested depths.
  package let depths: [DepthCeiling]

  /// Evaluates a run.
  ///
  /// - Parameters:
  ///   - name: the file, as the user named it; the place of failures.
  ///   - tag: the run's tag.
  ///   - rankings: the results of the run's judged queries.
  ///   - queries: the number of queries in the run, judged or not.
  ///   - judged: all judged queries, with the grades of their documents.
  ///   - options: the settings of the evaluation.
  /// - Throws: the errors of `Evaluation`, with `name` as the place.
  package init(
    name: String, tag: String, rankings: [QueryRanking], queries: Int,
    judged: some Sequence<(query: String, grades: [Double])>, _ options: Options
  ) throws(Failure) {
    let shared = rankings.count
    let found = Set(rankings.map(\.query))
    var rankings = rankings
    if options.isJudgedOnly {
      for place in rankings.indices { rankings[place].ranked = rankings[place].ranked.judgedOnly }
    }
    var missing = 0
    for (query, grades) in judged where !found.contains(query) {
      missing += 1
      // If no query is shared, there is a mistake that `Evaluation` reports; zeros would hide it.
      guard options.isComplete, shared > 0 else { continue }
      rankings.append(
        QueryRanking(query: query, ranked: RankedQuery(ranked: [], judged: grades)))
    }
    do throws(Failure) {
      let unjudged = queries - shared
      evaluation = try Evaluation(
        of: rankings, measures: options.measures, unjudgedQueries: unjudged,
        missingQueries: missing)
      ceiling = try Evaluation(
        of: rankings, measures: options.measures, unjudgedQueries: unjudged,
        missingQueries: missing, order: .best)
      depths = try DepthCeiling.all(rankings, options.measures, at: options.depths)
    } catch {
      var failure = error
      failure.place = failure.place ?? Place(name)
      throw failure
    }
    (self.name, self.tag) = (name, tag)
  }

  /// One line for each group of queries that is left out or counts as 0.
  ///
  /// - Parameter complete: whether judged queries without results count.
  package func notes(complete: Bool) -> [String] {
    var notes: [String] = []
    if evaluation.unjudgedQueries > 0 {
      notes.append(
        "\(name): queries without judgments, which are left out: \(evaluation.unjudgedQueries)")
    }
    if evaluation.missingQueries > 0 {
      notes.append(
        "\(name): judged queries that are not in the run, "
          + (complete ? "counted as 0" : "left out (--complete counts them as 0)")
          + ": \(evaluation.missingQueries)")
    }
    return notes
  }
}
