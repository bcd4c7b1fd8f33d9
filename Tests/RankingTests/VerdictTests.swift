import Foundation
import JSON
import Ranking
import Testing

/// What is said of a ranking beside its baselines: outcomes, exact lines, and what to try.
@Suite struct VerdictTests {
  private static let generator = ComparisonTests.Generator(state: 7)

  /// Forty values around `mean`, in which neighbours differ by twice `spread`.
  private func values(_ mean: Double, spread: Double = 0.1) -> [Double] {
    (0..<40).map { mean + ($0.isMultiple(of: 2) ? spread : -spread) }
  }

  private func judge(
    _ choice: [Double], _ baselines: [(String, [Double])], split: String? = "test"
  ) -> Verdict? {
    Verdict(
      .init("fused", choice), against: baselines.map { .init($0.0, $0.1) }, measure: "nDCG@10",
      split: split, draws: 1000, generator: Self.generator)
  }

  /// Means of the ranking and of two baselines, and what follows from them. The differences of the
  /// values have a deviation of about 0.11, so that forty of them tell 0.1 from 0, and not 0.02.
  @Test(arguments: [
    (0.70, 0.60, 0.55, Verdict.Outcome.better, "first stage", "fused"),
    (0.70, 0.55, 0.60, .better, "bi-encoder", "fused"),
    // Clearly better than one, and not clearly better than the other, which is the best.
    (0.62, 0.60, 0.40, .notDifferent, "first stage", "neither"),
    (0.60, 0.60, 0.40, .notDifferent, "first stage", "neither"),
    (0.58, 0.60, 0.40, .notDifferent, "first stage", "neither"),
    (0.50, 0.60, 0.40, .worse, "first stage", "neither"),
    (0.50, 0.40, 0.60, .worse, "bi-encoder", "neither"),
  ]) func outcomes(
    own: Double, first: Double, second: Double, outcome: Verdict.Outcome, best: String, use: String
  ) throws {
    var choice = values(own)
    // Not in step with the baselines: differences of 0 and 0.2 beside those of 0.1.
    for place in choice.indices where place % 4 < 2 { choice[place] = 2 * own - choice[place] }
    let verdict = try #require(
      judge(choice, [("first stage", values(first)), ("bi-encoder", values(second))]))
    #expect(verdict.outcome == outcome && verdict.baseline == best && verdict.use == use)
    #expect(abs(verdict.difference - (own - max(first, second))) < 1e-9)
    #expect(verdict.interval.low <= verdict.difference)
    #expect(verdict.difference <= verdict.interval.high)
    #expect((verdict.p < 0.05) == (outcome != .notDifferent))
    #expect(verdict.queries == 40 && verdict.baselines == 2)
  }

  @Test func nothingToCompare() {
    #expect(judge([], [("first stage", [])]) == nil)
    #expect(judge([1], []) == nil)
  }

  /// One query tells nothing, however large the difference.
  @Test func oneQueryShowsNothing() throws {
    let verdict = try #require(judge([1], [("first stage", [0])]))
    #expect(verdict.outcome == .notDifferent && verdict.p == 1)
  }

  private func known(
    _ outcome: Verdict.Outcome, _ value: Double, _ baseline: Double, _ low: Double, _ high: Double,
    _ p: Double, baselines: Int = 2, split: String? = "test"
  ) -> Verdict {
    Verdict(
      outcome, measure: "nDCG@10", split: split, queries: 36, choice: "fused", value: value,
      baseline: "bi-encoder", baselineValue: baseline, baselines: baselines,
      interval: Bootstrap(low: low, high: high), p: p)
  }

  @Test func lines() {
    #expect(
      known(.better, 0.75, 0.7, 0.0104, 0.0899, 0.00004).line
        == "verdict: better: fused has nDCG@10 0.7500 on test, +0.0500 against bi-encoder, the best "
        + "of 2 baselines (95 % interval +0.0104 to +0.0899, p < 0.0001, 36 queries); use fused")
    #expect(
      known(.notDifferent, 0.7, 0.7, -0.00001, 0.02, 0.8, baselines: 1, split: nil).line
        == "verdict: not different: fused has nDCG@10 0.7000, 0.0000 against bi-encoder (95 % "
        + "interval 0.0000 to +0.0200, p = 0.8000, 36 queries); use neither: no gain over "
        + "bi-encoder is shown")
    #expect(
      known(.worse, 0.6, 0.7, -0.15, -0.05, 0.01).line
        == "verdict: worse: fused has nDCG@10 0.6000 on test, -0.1000 against bi-encoder, the best "
        + "of 2 baselines (95 % interval -0.1500 to -0.0500, p = 0.0100, 36 queries); use neither: "
        + "keep bi-encoder")
  }

  @Test func whatIsShownAndWhatItWouldTake() {
    var verdict = known(.notDifferent, 0.73, 0.7, -0.01, 0.07, 0.14)
    verdict.queriesNeeded = 190
    #expect(
      verdict.line.hasSuffix(
        "use neither: no gain over bi-encoder is shown; a gain of this size takes about 190 queries "
          + "to show"))
    verdict.betterThan = ["first stage"]
    #expect(
      verdict.line.contains("no gain over bi-encoder is shown, only over first stage; a gain of"))
    verdict.betterThan = ["bi-encoder", "first stage"]
    #expect(
      verdict.line.contains(
        "no gain over every baseline is shown, only over bi-encoder and first stage; a gain of"))
  }

  /// Differences of mean 1 and deviation s, and ((1.959964 + 0.841621) · s)² with two digits, rounded
  /// up, worked out apart from the program: 7.8489 · s².
  @Test(arguments: [
    // ±1 around 1, n = 4: s² = 4/3, 10.465.
    ([0.0, 2, 0, 2], 11 as Int?),
    // ±5 around 1: s² = 100/3, 261.63.
    ([-4, 6, -4, 6], 270),
    // ±50 around 1: s² = 10000/3, 26162.9.
    ([-49, 51, -49, 51], 27_000),
    // ±0.5 around 1: 2.616, and there are four.
    ([0.5, 1.5, 0.5, 1.5], nil),
    // No deviation, no gain, a loss, and one query.
    ([1, 1, 1, 1], nil), ([-1, 1, -1, 1], nil), ([-2, 0, -2, 0], nil), ([1], nil), ([], nil),
  ]) func queriesNeeded(differences: [Double], expected: Int?) {
    let baseline = differences.map { _ in 100.0 }
    let choice = differences.map { 100 + $0 }
    let verdict = judge(choice, [("first stage", baseline)])
    #expect(verdict?.queriesNeeded == expected)
    #expect(verdict == nil || verdict?.outcome == .notDifferent)
  }

  /// Of two baselines that are both to be beaten, the one that takes more queries counts; a gain that
  /// is shown already takes none, and where one is no gain, no number shows it.
  @Test func everyBaselineHasToBeBeaten() throws {
    let choice = values(0.62, spread: 0)
    func noisy(_ mean: Double, _ spread: Double) -> [Double] { values(mean, spread: spread) }
    let near = try #require(
      judge(choice, [("a", noisy(0.60, 0.1)), ("b", noisy(0.59, 0.3)), ("c", noisy(0.2, 0.01))]))
    #expect(near.outcome == .notDifferent && near.baseline == "a")
    #expect(near.betterThan == ["c"])
    // 7.8489 · (0.3 / 0.03)² · 40/39 = 805.0, beside 7.8489 · (0.1 / 0.02)² · 40/39 = 201.3.
    #expect(near.queriesNeeded == 810)
    let level = try #require(
      judge(choice, [("a", noisy(0.63, 0.1)), ("b", noisy(0.59, 0.3))]))
    #expect(level.outcome == .notDifferent && level.queriesNeeded == nil)
    let better = try #require(judge(choice, [("a", noisy(0.2, 0.01)), ("b", noisy(0.3, 0.01))]))
    #expect(better.outcome == .better && better.betterThan == ["a", "b"])
    #expect(better.queriesNeeded == nil)
  }

  @Test func adviceFollowsTheLine() {
    var verdict = known(.worse, 0.6, 0.7, -0.15, -0.05, 0.01, split: "dev")
    #expect(verdict.text == verdict.line)
    verdict.isSelected = true
    verdict.advice = ["one", "two"]
    #expect(
      verdict.text
        == verdict.line + "\ndev also chose the model, so the value is too high: only data.test "
        + "tells\nto try, in this order:\n1. one\n2. two")
  }

  @Test func jsonAndBack() throws {
    var verdict = known(.notDifferent, 0.75, 0.5, -0.25, 0.5, 0.25)
    (verdict.isSelected, verdict.advice) = (true, ["one"])
    (verdict.betterThan, verdict.queriesNeeded) = (["first stage"], 190)
    let json: JSONValue = [
      "outcome": "not different", "measure": "nDCG@10", "split": "test", "chosen_on_split": true,
      "queries": 36, "choice": "fused", "value": .number(0.75), "baseline": "bi-encoder",
      "baseline_value": .number(0.5), "baselines": 2, "difference": .number(0.25),
      "interval": [.number(-0.25), .number(0.5)], "p": .number(0.25), "use": "neither",
      "advice": ["one"], "better_than": ["first stage"], "queries_needed": 190,
    ]
    #expect(verdict.json == json)
    let data = try JSONEncoder().encode(verdict)
    #expect(try JSONDecoder().decode(Verdict.self, from: data) == verdict)
    // As versions wrote it that did not know these two.
    var old = try #require(
      try JSONSerialization.jsonObject(with: data) as? [String: Any])
    for key in ["better_than", "queries_needed"] { #expect(old.removeValue(forKey: key) != nil) }
    (verdict.betterThan, verdict.queriesNeeded) = ([], nil)
    let read = try JSONDecoder().decode(
      Verdict.self, from: try JSONSerialization.data(withJSONObject: old))
    #expect(read == verdict)
    let broken = String(decoding: data, as: UTF8.self).replacing("[-0.25,0.5]", with: "[1]")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Verdict.self, from: Data(broken.utf8))
    }
  }

  /// Facts of a run of which nothing is to be said.
  private let facts = VerdictFacts(
    trainingLists: 5000, isWarmedUp: true, isTaught: true, measure: "AP", ceiling: 0.95,
    truncatedShare: 0.02, maximumLength: 256, history: [0.5, 0.6, 0.6],
    gradeChanges: [.init(grade: 1, change: 0.01), .init(grade: 3, change: 0.02)])

  @Test func nothingToTry() { #expect(facts.advice.isEmpty) }

  @Test func whatToTry() {
    func advice(_ change: (inout VerdictFacts) -> Void) -> [String] {
      var facts = facts
      change(&facts)
      return facts.advice
    }
    #expect(
      advice { $0.trainingLists = 120 } == [
        "few judgments (120 training lists): judge more queries, or mine negatives with 'ltr mine'"
      ])
    #expect(
      advice { ($0.trainingLists, $0.isWarmedUp, $0.isTaught) = (20, false, false) } == [
        "few judgments (20 training lists): add warm_up, learn from a teacher's scores "
          + "(data.train.teacher), judge more queries, or mine negatives with 'ltr mine'"
      ])
    #expect(
      advice { $0.ceiling = 0.5 } == [
        "a perfect order of the candidates has AP 0.5000: raise 'depth', or fuse words and "
          + "embeddings in 'candidates'"
      ])
    #expect(
      advice { $0.truncatedShare = 0.4 } == [
        "40 % of the pairs are truncated to 256 tokens: raise model.max_length, or rerank with "
          + "--long-documents"
      ])
    #expect(
      advice { $0.history = [0.6, 0.5] } == [
        "AP on dev fell by 0.1000 after its best: fewer training.epochs, or a lower optimizer.lr"
      ])
    #expect(
      advice { $0.history = [0.4, 0.5, 0.52] } == [
        "AP on dev still rose by 0.0200 at the last evaluation: more training.epochs"
      ])
    #expect(
      advice { $0.gradeChanges[0].change = -0.03 } == [
        "documents of grade 1 fell: raise data.list.positives, or set data.list.minimum_grade to "
          + "that grade"
      ])
  }

  /// The order is that of the numbers, the farthest from what would not matter first.
  @Test func theMostTellingFirst() {
    var facts = facts
    (facts.trainingLists, facts.ceiling, facts.truncatedShare) = (150, 0.4, 0.4)
    #expect(facts.advice.map { String($0.prefix(9)) } == ["a perfect", "40 % of t", "few judgm"])
    (facts.trainingLists, facts.truncatedShare) = (10, 0.7)
    #expect(facts.advice.map { String($0.prefix(9)) } == ["few judgm", "70 % of t", "a perfect"])
  }
}
