package import Diagnostics

/// What came out for one run: its measures, what they could be at best, and what was left out.
package struct EvaluatedRun: Sendable {
  /// How runs are measured.
  package struct Options: Sendable {
    /// What is computed.
    package var measures: [Measure]
    /// Whether judged queries that a run has nothing for count, as 0.
    package var isComplete: Bool
    /// Whether documents without a judgment are left out first.
    package var isJudgedOnly: Bool
    /// Depths for a table of ceilings; none for no table.
    package var depths: [Int]

    /// These options.
    package init(measures: [Measure], isComplete: Bool, isJudgedOnly: Bool, depths: [Int]) {
      (self.measures, self.depths) = (measures, depths)
      (self.isComplete, self.isJudgedOnly) = (isComplete, isJudgedOnly)
    }
  }

  /// The file, as the user named it.
  package let name: String
  /// What the run calls itself.
  package let tag: String
  /// The values of the measures.
  package let evaluation: Evaluation
  /// What they would be if every query's documents were in their best order.
  package let ceiling: Evaluation
  /// The ceilings of the first documents alone, where depths were asked for.
  package let depths: [DepthCeiling]

  /// Measures a run.
  ///
  /// - Parameters:
  ///   - name: the file, as the user named it; the place of failures.
  ///   - tag: what the run calls itself.
  ///   - rankings: what was retrieved for those queries of the run that are judged.
  ///   - queries: how many queries the run has, judged or not.
  ///   - judged: all judged queries, with the grades of their documents.
  ///   - options: how it is measured.
  /// - Throws: what `Evaluation` does, with `name` as the place.
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
      // Where nothing is shared there is a mistake, and measuring says so; zeros would hide it.
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

  /// A line for each kind of query that is left out or counts as 0.
  ///
  /// - Parameter complete: whether judged queries that the run has nothing for count.
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
