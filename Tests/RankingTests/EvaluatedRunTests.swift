import Diagnostics
import Ranking
import Testing

/// What `ltr evaluate` makes of a run's rankings.
@Suite struct EvaluatedRunTests {
  /// Query 1 has its relevant document at rank 2 of 3, behind one that is not judged.
  private let rankings = [
    QueryRanking(query: "1", ranked: RankedQuery(ranked: [nil, 1, 0], judged: [1, 0]))
  ]

  private let judged: [(query: String, grades: [Double])] = [("1", [1, 0]), ("2", [1])]

  private func run(
    complete: Bool = false, judgedOnly: Bool = false, depths: [Int] = [], queries: Int = 3
  ) throws -> EvaluatedRun {
    try EvaluatedRun(
      name: "a.run", tag: "t", rankings: queries == 0 ? [] : rankings, queries: queries,
      judged: judged,
      .init(
        measures: [measure("RR")], isComplete: complete, isJudgedOnly: judgedOnly, depths: depths))
  }

  @Test func queriesThatAreMissingCountWhenAsked() throws {
    let left = try run()
    #expect(left.evaluation.means == [0.5] && left.ceiling.means == [1])
    #expect(
      left.notes(complete: false) == [
        "a.run: queries without judgments, which are left out: 2",
        "a.run: judged queries that are not in the run, left out (--complete counts them as 0): 1",
      ])
    let complete = try run(complete: true)
    #expect(complete.evaluation.means == [0.25] && complete.evaluation.queries == ["1", "2"])
    #expect(
      complete.notes(complete: true).last
        == "a.run: judged queries that are not in the run, counted as 0: 1")
  }

  @Test func judgedOnlyLeavesOutTheOthersFirst() throws {
    #expect(try run(judgedOnly: true).evaluation.means == [1])
  }

  /// Zeros for all queries would hide that nothing is shared.
  @Test func nothingInCommonIsAMistake() throws {
    let failure = #expect(throws: Failure.self) { try run(complete: true, queries: 0) }
    #expect(failure?.kind == .badData && failure?.place == Place("a.run"))
  }

  /// The first document is not relevant, the first two hold all there is.
  @Test func depthsEndWithTheDeepestQuery() throws {
    let depths = try run(depths: [1, 2, 10, 20]).depths
    #expect(depths.map(\.depth) == [1, 2, 3])
    #expect(depths.map(\.recall) == [0, 1, 1])
    #expect(depths.map(\.ceilings) == [[0], [1], [1]])
  }

  @Test func tablesSayOneCeilingOnce() throws {
    let runs = [try run(depths: [1])]
    let tables = EvaluationTables(runs, nil, [measure("RR")])
    #expect(
      tables.plain(perQuery: true, isBold: false) == """
        run        queries      RR
        a.run 1             0.5000
        a.run            1  0.5000
          ceiling           1.0000

        ceiling of a.run: recall of the first documents, and measures of their ideal order
        documents  recall      RR
        first 1    0.0000  0.0000

        """)
  }
}
