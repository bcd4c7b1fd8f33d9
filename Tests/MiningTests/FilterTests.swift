import Mining
import Options
import Testing

@Suite struct FilterTests {
  private let documents = ["p1", "p2", "a", "b", "c", "d"]

  /// What is left, and how many are out for which reason, of a 9, b 8, p1 7, c 6, d −2.
  private func filtered(
    _ scores: [(String, Double)] = [("a", 9), ("b", 8), ("p1", 7), ("c", 6), ("d", -2)],
    _ change: (inout ScoreFilters) -> Void
  ) throws -> Filtered {
    let fixture = try Fixture(documents)
    let mined = try fixture.mine(TableStage(["q1": scores])) { change(&$0.filters) }
    return Filtered(mined.negatives, mined.counts.rejected.filter { $0.key != .relevant })
  }

  private struct Filtered: Equatable {
    var left: [String]
    var rejected: [Rejection: Int]

    init(_ left: [String], _ rejected: [Rejection: Int]) {
      (self.left, self.rejected) = (left, rejected)
    }
  }

  @Test func windowsAndThresholds() throws {
    let ranks = try filtered { ($0.firstRank, $0.lastRank) = (2, 4) }
    #expect(ranks == Filtered(["b", "c"], [.rangeMin: 1, .rangeMax: 1]))
    let scores = try filtered { ($0.minimumScore, $0.maximumScore) = (-2, 8) }
    #expect(scores == Filtered(["b", "c", "d"], [.maxScore: 1]))
    let low = try filtered { $0.minimumScore = -1.9 }
    #expect(low == Filtered(["a", "b", "c"], [.minScore: 1]))
  }

  @Test func margins() throws {
    let absolute = try filtered { $0.margins.absolute = 1 }
    #expect(absolute == Filtered(["c", "d"], [.absoluteMargin: 2]))
    let wide = try filtered { $0.margins.absolute = 1.5 }
    #expect(wide == Filtered(["d"], [.absoluteMargin: 3]))
    // 7 · (1 − 0.1) = 6.3.
    let relative = try filtered { $0.margins.relative = 0.1 }
    #expect(relative == Filtered(["c", "d"], [.relativeMargin: 2]))
    let strict = try filtered { $0.margins.relative = 0.2 }
    #expect(strict == Filtered(["d"], [.relativeMargin: 3]))
  }

  /// −4 · 0.95 would be −3.8, above the positive; the margin goes down instead, to −4.2.
  @Test func relativeMarginsOfNegativeScores() throws {
    let scores = [("a", -3.7), ("p1", -4), ("b", -4.1), ("c", -4.2), ("d", -5.0)]
    let found = try filtered(scores) { $0.margins.relative = 0.05 }
    #expect(found == Filtered(["c", "d"], [.relativeMargin: 2]))
    // At 0 the share of the score is nothing.
    let zero = try filtered([("a", 0.1), ("p1", 0), ("b", 0), ("c", -1)]) {
      $0.margins.relative = 0.5
    }
    #expect(zero == Filtered(["b", "c"], [.relativeMargin: 1]))
  }

  @Test(arguments: [
    (PositiveScore.min, ["c"]), (.mean, ["b", "c"]), (.max, ["a", "b", "c"]),
  ])
  func severalPositives(positive: PositiveScore, left: [String]) throws {
    var fixture = try Fixture(documents)
    fixture.qrels.append(("q1", "p2", 1))
    let stage = TableStage(["q1": [("p1", 9), ("a", 8), ("b", 6), ("p2", 5), ("c", 4)]])
    let mined = try fixture.mine(stage) {
      $0.filters.margins.absolute = 1
      $0.filters.positive = positive
    }
    #expect(mined.negatives == left)
  }

  @Test func withoutAPositiveMarginsDoWhatTheyAreTold() throws {
    let scores = [("a", 3.0), ("b", 2.0)]
    let fixture = try Fixture(documents)
    let stage = TableStage(["q1": scores])
    let kept = try fixture.mine(stage) { $0.filters.margins.relative = 0.05 }
    #expect(kept.negatives == ["a", "b"])
    #expect(kept.counts.queriesWithoutPositiveScore == 1)
    let rejected = try filtered(scores) {
      $0.margins.relative = 0.05
      $0.rejectsWithoutPositive = true
    }
    #expect(rejected == Filtered([], [.relativeMargin: 2]))
  }

  /// A source's suspicion counts for all; what is too easy for one may be hard for another.
  @Test func severalSources() throws {
    let fixture = try Fixture(documents)
    let first = TableStage("first", ["q1": [("a", 9), ("b", 5), ("c", 4), ("d", 3)]])
    let second = TableStage("second", ["q1": [("p1", 9), ("d", 8), ("a", 7), ("b", 6)]])
    let miner = try fixture.miner([
      CandidateSource(first, depth: 10), CandidateSource(second, depth: 10),
    ]) { plan in
      (plan.filters.firstRank, plan.filters.lastRank) = (2, 3)
      plan.sampling.count = 10
    }
    let mined = try miner.mine(0..<1)
    // a is first in the first; d is below the window there and in it in the second; b is the other
    // way round.
    #expect(mined.counts.rejected == [.rangeMin: 1, .relevant: 1])
    #expect(mined.queries[0].negatives.map(\.id) == ["b", "c", "d"])
    #expect(mined.queries[0].negatives.map(\.source) == ["first", "first", "second"])
    #expect(mined.queries[0].negatives.map(\.rank) == [2, 3, 2])
    #expect(mined.queries[0].negatives.map(\.score) == [5, 4, 8])
    #expect(
      failure { _ = try fixture.miner([.init(first, depth: 1), .init(first, depth: 1)]) }?.kind
        == .usage)
  }

  @Test func scoresThatAreNotFiniteAreNamed() throws {
    let fixture = try Fixture(documents)
    let found = failure { _ = try fixture.mine(TableStage(["q1": [("a", .infinity)]])) }
    #expect(found?.problem == "the score of document 'a' for query 'q1' is inf")
  }

  // MARK: A teacher

  private func taught(
    _ texts: [String: Double], count: Int = 2, _ change: (inout MiningPlan) -> Void
  ) throws -> MinedBatch {
    let fixture = try Fixture(documents, texts: texts.mapValues { "it scores \($0)" })
    return try fixture.mine(
      TableStage(ranked: ["a", "b", "p1", "c", "d"]), teacher: NumberTeacher()
    ) {
      $0.exclusions.duplicates = false
      $0.sampling.count = count
      change(&$0)
    }
  }

  @Test func teachersScoreWhatIsWrittenAndReject() throws {
    let scores = ["p1": 5.0, "a": 7, "b": 4.9, "c": 2, "d": -1]
    let scored = try taught(scores) { _ in }
    #expect(scored.negatives == ["a", "b"])
    #expect(scored.queries[0].negatives.map(\.teacher) == [7, 4.9])
    #expect(scored.queries[0].positives.map(\.teacher) == [5])
    let high = try taught(scores) { $0.teacher.maximumScore = 6 }
    #expect(high.negatives == ["b", "c"], "what is rejected is made up for")
    #expect(high.counts.rejected == [.relevant: 1, .teacherMaxScore: 1])
    #expect(high.counts.notNeeded == 1)
    let margin = try taught(scores) { $0.teacher.margins.absolute = 0.5 }
    #expect(margin.negatives == ["c", "d"])
    let relative = try taught(scores, count: 8) { $0.teacher.margins.relative = 0.5 }
    #expect(relative.negatives == ["c", "d"])
    #expect(relative.counts.rejected == [.relevant: 1, .teacherRelativeMargin: 2])
  }

  @Test func falseNegativesByTheTeacher() throws {
    let scores = ["p1": 5.0, "a": 7, "b": 4.9, "c": 2, "d": -1]
    // Before any filter the teacher sees a and b, of which a is above the positive.
    let plain = try taught(scores) { $0.report.probes = 2 }
    #expect(plain.counts.estimates.byTeacher.before == 0.5)
    #expect(plain.counts.estimates.byTeacher.after == 0.5)
    let filtered = try taught(scores) {
      $0.report.probes = 2
      $0.filters.firstRank = 2
    }
    #expect(filtered.counts.estimates.byTeacher.before == 0.5)
    #expect(filtered.counts.estimates.byTeacher.after == 0)
    let none = try taught(scores) { $0.report.probes = 0 }
    #expect(none.counts.estimates.byTeacher.before == nil)
  }

  /// Of five candidates two are positives. Taken for unjudged, the first is too near to the second,
  /// and the second passes as b and c do.
  @Test func falseNegativesByJudgments() throws {
    var fixture = try Fixture(documents)
    fixture.qrels.append(("q1", "p2", 1))
    let stage = TableStage(["q1": [("p1", 9), ("a", 8.9), ("b", 6), ("p2", 5), ("c", 4)]])
    let mined = try fixture.mine(stage) {
      $0.filters.margins.absolute = 1
      $0.sampling.count = 1
    }
    let estimates = mined.counts.estimates
    #expect(estimates.relevantFound == 2 && estimates.relevantPassed == 1)
    #expect(estimates.others == 3 && estimates.othersLeft == 2)
    #expect(estimates.byJudgments.before == 2.0 / 5)
    #expect(estimates.byJudgments.after == 1.0 / 3)
  }

  /// With one positive there is nothing to measure a margin from once it is held out.
  @Test func oneJudgedPositiveTellsNothingOfMargins() throws {
    let fixture = try Fixture(documents)
    let stage = TableStage(["q1": [("p1", 9), ("a", 8.9), ("b", 6), ("c", 4)]])
    let margin = try fixture.mine(stage) { $0.filters.margins.absolute = 1 }
    #expect(margin.counts.estimates.byJudgments.before == nil)
    #expect(margin.counts.estimates.byJudgments.after == nil)
    let window = try fixture.mine(stage) { $0.filters.firstRank = 2 }
    #expect(window.counts.estimates.byJudgments.before == 1.0 / 4)
    #expect(window.counts.estimates.byJudgments.after == 0)
  }
}
