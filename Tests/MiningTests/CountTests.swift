import Foundation
import Mining
import Options
import Randomness
import Testing

@Suite struct CountTests {
  @Test func histogramsOfPartsAddUpToThatOfAll() {
    var random = SplitMix64(seed: 5)
    for scale in [1e-3, 1, 250] {
      let scores = (0..<300).map { _ in (random.uniform() - 0.3) * scale }
      var whole = ScoreHistogram()
      for score in scores { whole.add(score) }
      for cut in [0, 1, 17, 150, 300] {
        var (left, right) = (ScoreHistogram(), ScoreHistogram())
        for score in scores[..<cut] { left.add(score) }
        for score in scores[cut...] { right.add(score) }
        right.add(left)
        #expect(right == whole, "in either order")
      }
      #expect(whole.total == 300 && whole.counts.count <= 40 && whole.counts.count > 15)
      #expect(whole.lowest == scores.min() && whole.highest == scores.max())
      let start = Double(whole.first) * whole.width
      for (index, count) in whole.counts.enumerated() {
        let from = start + Double(index) * whole.width
        #expect(count == scores.count { $0 >= from && $0 < from + whole.width })
      }
      let middle = scores.sorted()[149]
      #expect(abs((whole.median ?? 0) - middle) <= whole.width)
    }
    #expect(ScoreHistogram().median == nil)
  }

  @Test func extremeScoresHaveAPlace() {
    var histogram = ScoreHistogram()
    for score in [-1e300, 0, 1e300, .leastNonzeroMagnitude] { histogram.add(score) }
    #expect(histogram.total == 4 && histogram.lowest == -1e300)
  }

  /// Every candidate has one fate, whatever the plan.
  @Test func everyCandidateIsCountedOnce() throws {
    var fixture = try Fixture(["p1", "p2"] + (1...30).map { "d\($0)" })
    fixture.queries = (1...7).map { ("q\($0)", "number \($0)") }
    fixture.qrels = fixture.queries.flatMap { [($0.id, "p1", 2.0), ($0.id, "d4", 0.0)] }
    let ranked = ["d1", "p1", "gone"] + (2...30).map { "d\($0)" }
    let answer = ranked.enumerated().map { ($1, Double(40 - $0)) }
    let stage = TableStage(
      "table", Dictionary(uniqueKeysWithValues: fixture.queries.map { ($0.id, answer) }))
    let strategies: [Sampling.Strategy] = [
      .top, .random, .softmax(temperature: 3), .rankBands([5, 20], shares: nil), .grades,
    ]
    for strategy in strategies {
      let counts = try fixture.mine(stage) { plan in
        plan.sampling.strategy = strategy
        plan.filters.firstRank = 3
        plan.filters.lastRank = 25
        plan.exclusions.pattern = "number d1[0-5]$"
      }.counts
      let rejected = counts.rejected.values.reduce(0, +)
      #expect(counts.candidates == counts.kept + counts.notNeeded + rejected)
      #expect(counts.candidates == 7 * 32)
      #expect(counts.rejected[.missing] == 7 && counts.rejected[.relevant] == 7)
      #expect(counts.sources["table"]?.candidates == counts.candidates)
      #expect(counts.sources["table"]?.kept == counts.kept)
      #expect(counts.sources["table"]?.negatives.total == counts.kept)
      #expect(counts.sources["table"]?.positives.total == 7)
    }
  }

  /// The mean over queries of the share found, counted here by hand.
  @Test func recallByDepth() throws {
    var fixture = try Fixture(["p1", "p2", "p3", "a", "b", "c"])
    fixture.queries = [("q1", "one"), ("q2", "two")]
    fixture.qrels = [("q1", "p1", 1), ("q1", "p2", 1), ("q1", "p3", 1), ("q2", "p1", 1)]
    let stage = TableStage([
      "q1": [("a", 5), ("p2", 4), ("b", 3), ("c", 2), ("p1", 1)], "q2": [("p1", 2), ("a", 1)],
    ])
    let mined = try fixture.mine(stage, depth: 6) { $0.report.depths = [1, 2, 5, 50] }
    let report = MiningReport(mined.counts, job: "")
    let source = try #require(report.sources["table"])
    #expect(source.depths == [1, 2, 5, 6])
    let expected = [(0 + 1.0) / 2, (1.0 / 3 + 1) / 2, (2.0 / 3 + 1) / 2, (2.0 / 3 + 1) / 2]
    for (found, wanted) in zip(source.recall, expected) { #expect(abs(found - wanted) < 1e-12) }
    #expect(report.positives.found == 3 && report.positives.judged == 4)
    #expect(report.positives.missedShare == 0.25)
  }

  /// A positive that is not in the corpus counts apart: no first stage can find it, and both recall
  /// and the share that is missed are of those that it could find.
  @Test func positivesOutsideTheCorpusCountApart() throws {
    var fixture = try Fixture(["p1", "p2", "a", "b"])
    fixture.queries = [("q1", "one"), ("q2", "two"), ("q3", "three")]
    fixture.qrels = [
      ("q1", "p1", 1), ("q1", "gone", 1), ("q2", "lost", 1), ("q3", "p2", 1), ("q3", "p1", 1),
    ]
    let stage = TableStage([
      "q1": [("p1", 5), ("gone", 4), ("a", 3)], "q2": [("a", 3), ("lost", 2)],
      "q3": [("p2", 3), ("b", 2)],
    ])
    let report = MiningReport(try fixture.mine(stage, depth: 6).counts, job: "")
    #expect(report.positives.judged == 5 && report.positives.missing == 2)
    #expect(report.positives.found == 2)
    #expect(abs(try #require(report.positives.missedShare) - 1.0 / 3) < 1e-12)
    #expect(try #require(report.sources["table"]).recall.last == (1 + 0.5) / 2)
    #expect(
      report.summary.contains(
        "2 of 3 positives in the corpus were found by the first stage, 33.33 % were missed"))
    #expect(
      report.summary.contains(
        "2 of 5 judged positives are not in the corpus, where no first stage can find them"))
    fixture.qrels = [("q2", "lost", 1)]
    let nothing = MiningReport(try fixture.mine(stage).counts, job: "")
    #expect(nothing.positives.missedShare == nil && nothing.positives.missing == 1)
  }

  /// What versions before wrote lacks the newer counts.
  @Test func olderCountsAndReportsAreRead() throws {
    var counts = MiningCounts()
    counts.queries = 3
    let written = try JSONEncoder().encode(counts)
    #expect(!String(decoding: written, as: UTF8.self).contains("queriesAmongCandidates"))
    #expect(try JSONDecoder().decode(MiningCounts.self, from: written) == counts)
    var part = MiningCounts()
    part.queriesAmongCandidates = 2
    counts.add(part)
    counts.add(part)
    #expect(counts.queriesAmongCandidates == 4)
    #expect(MiningReport(counts, job: "").queries.amongCandidates == 4)
  }
}
