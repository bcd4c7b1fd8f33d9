import Diagnostics
import Ranking
import Testing

/// Several runs beside a baseline: what is compared, corrected, marked and warned of.
@Suite struct RunFamilyTests {
  /// A run that finds the only relevant document at these ranks, for queries 1, 2 ….
  private func run(_ name: String, tag: String = "t", ranks: [Int], from first: Int = 1) throws
    -> EvaluatedRun
  {
    let rankings = ranks.enumerated().map { number, rank in
      QueryRanking(
        query: "\(first + number)",
        ranked: RankedQuery(ranked: (1...3).map { $0 == rank ? 1 : 0 }, judged: [1, 0, 0]))
    }
    return try EvaluatedRun(
      name: name, tag: tag, rankings: rankings, queries: ranks.count,
      judged: rankings.map { (query: $0.query, grades: [1.0, 0, 0]) },
      .init(measures: [measure("RR")], isComplete: false, isJudgedOnly: false, depths: []))
  }

  private func family(_ runs: [EvaluatedRun], baseline: String? = nil) throws -> RunFamily? {
    try RunFamily(
      runs, baseline: baseline, draws: 1000, seed: 7,
      generator: ComparisonTests.Generator(state: 7))
  }

  @Test func oneRunIsNoFamily() throws {
    #expect(try family([run("a", ranks: [1])]) == nil)
  }

  /// Eight queries, all better by a half: of 2^8 ways to set the signs, two are as extreme. Holm
  /// doubles the smaller p of two.
  @Test func marksGoByBothTestsAfterTheCorrection() throws {
    let worse = Array(repeating: 2, count: 8)
    let runs = [
      try run("base", ranks: worse), try run("better", ranks: Array(repeating: 1, count: 8)),
      try run("same", ranks: worse),
    ]
    let family = try #require(try family(runs))
    #expect(family.size == 2 && family.members.map(\.run) == [1, 2])
    let better = try #require(family.member(run: 1, measure: 0))
    #expect(better.comparison.randomizationTest.isExact)
    #expect(better.randomization == 2 * 2 / 256.0)
    #expect(better.p == better.randomization && better.mark == "*")
    #expect(family.member(run: 2, measure: 0)?.mark == "")
    #expect(family.member(run: 0, measure: 0) == nil)
    #expect(family.warnings.isEmpty && family.isOfSameQueries)
    #expect(
      family.method
        == "paired t-test and paired randomization test (all signs), two-sided; Holm's correction "
        + "over the 2 runs compared on a measure")
    let reversed = try #require(try self.family(Array(runs.prefix(2)), baseline: "better"))
    #expect(reversed.baseline == 1 && reversed.members[0].mark == "--")
  }

  @Test func runsOverOtherQueriesAreWarnedOf() throws {
    let runs = [try run("a", ranks: [1, 2, 1]), try run("b", ranks: [2, 2, 2], from: 2)]
    let family = try #require(try family(runs))
    #expect(family.warnings.count == 2)
    #expect(family.warnings[0].hasPrefix("the runs cover different queries. "))
    #expect(family.warnings[1] == "b: 2 of its 3 queries are shared with a")
    #expect(throws: Failure.self) {
      try self.family([runs[0], run("c", ranks: [1], from: 9)])
    }
  }

  @Test func theBaselineIsFoundByPathFileNameOrTag() throws {
    let runs = [
      try run("x/a.run", tag: "one", ranks: [1]), try run("x/b.run", tag: "two", ranks: [2]),
      try run("y/b.run", tag: "two", ranks: [2]),
    ]
    for (name, place) in [("x/a.run", 0), ("a", 0), ("a.run", 0), ("one", 0), ("y/b.run", 2)] {
      #expect(try family(runs, baseline: name)?.baseline == place, "\(name)")
    }
    for (name, problem) in [
      ("b", "the baseline 'b' matches 2 runs"),
      ("c.run", "the baseline 'c.run' is not among the runs"),
    ] {
      let failure = #expect(throws: Failure.self) { try family(runs, baseline: name) }
      #expect(failure?.problem == problem && failure?.kind == .usage)
    }
  }
}
