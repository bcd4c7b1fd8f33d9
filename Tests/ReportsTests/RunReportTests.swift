import Foundation
import Ranking
import TestSupport
import Testing

import Reports
import Training

/// The report of a run made of plain values.
@Suite struct RunReportTests {
  private static let hostile = "<script>alert(1)</script>\"'&\u{0}"

  /// Two queries: the model lifts the relevant document of the first, and drops that of the second.
  static func scores(split: String = "test") -> [RunScores.Query] {
    [
      .init(
        split: split, query: "q1", documents: ["a", "b", "c"], grades: [0, nil, 2], judged: [2, 0],
        scores: ["first stage": [3, 2, 1], "model": [0.5, -1, 4]]),
      .init(
        split: split, query: hostile, documents: ["d", "e", "f"], grades: [1, 0, 0],
        judged: [1, 0, 0], scores: ["first stage": [3, 2, 1], "model": [0, 1, -2]]),
    ]
  }

  /// A list that is long enough for more than one depth.
  private static let long = RunScores.Query(
    split: "test", query: "q3", documents: (0..<8).map { "l\($0)" },
    grades: [0, 0, 0, 0, 0, 0, 1, 0], judged: [1],
    scores: [
      "first stage": (0..<8).map { -Float($0) }, "model": (0..<8).map { $0 == 6 ? 1 : 0 },
    ])

  private func run(_ queries: [RunScores.Query]) -> RunScores {
    RunScores(
      measures: ["nDCG@10", "RR"], selectedBy: "RR", relevantFrom: 1, queries: queries,
      latencies: [.init(depth: 2, seconds: 0.01), .init(depth: 5, seconds: 0.02)], workers: 2)
  }

  private var history: RunHistory {
    RunHistory(
      log: """
        {"event":"machine","cores":2,"memory":8589934592,"processor":"\(Self.hostile.filter { $0 != "\"" && $0 != "\u{0}" })","system":"s","program":"1.0.0","time":"2026-01-01T00:00:00Z"}
        {"event":"phase","phase":"training","lists":4,"steps":2}
        {"event":"step","phase":"training","step":1,"steps":2,"loss":2,"learning_rate":0.1,"gradient_norm":1,"pairs_in_order":0.5,"score_deviation":0.2}
        {"event":"step","phase":"training","step":2,"steps":2,"loss":1,"learning_rate":0.1,"gradient_norm":1,"pairs_in_order":0.75,"score_deviation":0.3}
        {"event":"evaluation","split":"dev","phase":"training","step":2,"best":true,"queries":2,"orders":{"first stage":{"RR":0.3},"model":{"RR":0.6}}}
        {"event":"warning","text":"<b>careful</b>"}
        """.utf8)
  }

  @Test func everythingIsThereAndEscaped() throws {
    var report = RunReport(name: Self.hostile, history: history)
    report.scores = run(Self.scores(split: "dev") + Self.scores() + [Self.long])
    report.recipe = "loss: \(Self.hostile)"
    report.sources = [.init(role: Self.hostile, file: "</td>", checksum: "00")]
    var verdict = Verdict(
      .worse, measure: "RR", split: "test", queries: 2, choice: "model", value: 0.5,
      baseline: Self.hostile, baselineValue: 0.75, baselines: 2,
      interval: Bootstrap(low: -0.3, high: -0.1), p: 0.01)
    verdict.advice = [Self.hostile]
    verdict.isSelected = true
    report.verdict = verdict
    report.texts = { _ in
      .init(query: { "text of \($0)" }, document: { "</details>\($0)\(Self.hostile)" })
    }
    let html = try report.html()
    try requireWellFormed(html)
    #expect(!html.contains("alert(1)</script>") && html.contains("&lt;script&gt;alert(1)"))
    #expect(!html.contains("</details>a"))
    // The script of the page is the only one, and its hash is in the policy.
    #expect(html.components(separatedBy: "<script").count == 2)
    #expect(html.contains("script-src 'sha256-\(Page.hash(PageScript.code))'"))
    for word in [
      "Measures on test", "Against first stage", "RR on dev", "Greatest gains", "Greatest harms",
      "Scores by grade", "Reliability on test", "Time by depth", "Pairs in order", "GiB",
      "<b>Worse</b>: model has RR 0.5000 on test", "also chose the model", "To try, in this order",
      "<summary>Measures on dev</summary>",
    ] { #expect(html.contains(word), "\(word)") }
    // One file without network: nothing is named that a browser would fetch.
    for word in ["http:", "https:", "src=", "url(", "@import", "<link"] {
      #expect(!html.contains(word), "\(word)")
    }
  }

  /// Each table has a caption, and each plot a title and a description.
  @Test func partsHaveNames() throws {
    var report = RunReport(name: "run", history: history)
    report.scores = run(Self.scores())
    let html = try report.html()
    func count(_ word: String) -> Int { html.components(separatedBy: word).count - 1 }
    #expect(count("<table") > 3 && count("<table") == count("<caption>"))
    #expect(count("role=\"img\"") > 5 && count("role=\"img\"") == count("<desc "))
    #expect(count("<h1>") == 1)
  }

  /// A run of an early version has neither scores nor a machine, one that has just begun no steps.
  @Test func whatIsMissingIsLeftOutWithAWord() throws {
    for history in [RunHistory(), history] {
      let html = try RunReport(name: "old", history: history).html()
      try requireWellFormed(html)
      #expect(html.contains("scores.jsonl") && html.contains("no recipe"))
    }
    var report = RunReport(name: "old", history: RunHistory())
    report.scores = run([])
    #expect(try report.html().contains("no measures yet"))
  }

  @Test func gainsOfQueries() throws {
    let analysis = try RunAnalysis(run(Self.scores()), split: "test")
    let queries = analysis.perQuery()
    // RR: from 1/3 to 1, and from 1 to 1/2.
    #expect(queries.map(\.scored.query) == ["q1", Self.hostile])
    #expect(abs(queries[0].gain - 2.0 / 3) < 1e-12 && abs(queries[1].gain + 0.5) < 1e-12)
    #expect(analysis.baselines == ["first stage"])
    let family = try #require(try analysis.family(against: "first stage"))
    #expect(family.members.map(\.comparison.measure.description) == ["nDCG@10", "RR"])
    #expect(family.members[1].comparison.wins == 1 && family.members[1].comparison.losses == 1)
  }

  /// Of the first two candidates, the relevant one of the first query is not among them, and that of
  /// the second is put behind the other.
  @Test func depthOfReranking() throws {
    let query = Self.scores()[0]
    #expect(query.places(by: "model") == [2, 0, 1])
    #expect(query.reranked(by: "model", depth: 2)?.ranked == [0, nil, 2])
    #expect(query.reranked(by: "model", depth: 3)?.ranked == [2, 0, nil])
    #expect(query.reranked(by: "other", depth: 3) == nil)
    let analysis = try RunAnalysis(run(Self.scores()), split: "test")
    #expect(analysis.depths().map(\.depth) == [3])
    let text = RunReport.advice(
      [
        .init(depth: 10, model: 0.5, fused: nil, ceiling: 1),
        .init(depth: 20, model: 0.6, fused: 0.7, ceiling: 1),
        .init(depth: 50, model: 0.6, fused: 0.701, ceiling: 1),
      ], "RR")
    #expect(text.hasPrefix("Depth 20 is within 1 % of the best value, RR 0.7010 at depth 50"))
  }

  /// Equal scores are broken as measures break them: by the id, descending.
  @Test func tiesOfScores() {
    let query = RunScores.Query(
      split: "test", query: "q", documents: ["a", "c", "b"], grades: [1, 2, 3], judged: [3, 2, 1],
      scores: ["model": [1, 1, 1]])
    #expect(query.places(by: "model") == [1, 2, 0])
    #expect(query.ranked(by: "model")?.ranked == [2, 3, 1])
  }

  /// The share of relevant candidates in each bin, and the error, by hand: σ(0) = ½ twice, of which
  /// one is relevant.
  @Test func reliability() throws {
    let query = RunScores.Query(
      split: "test", query: "q", documents: ["a", "b"], grades: [1, 0], judged: [1, 0],
      scores: ["model": [0, 0]])
    let analysis = try RunAnalysis(run([query]), split: "test")
    let found = try #require(analysis.reliability(.identity))
    #expect(found.bins == [.init(probability: 0.5, share: 0.5, count: 2)])
    #expect(found.error.expected == 0 && found.error.brier == 0.25)
  }

  @Test func unknownMeasure() {
    var report = RunReport(name: "run", history: RunHistory())
    report.scores = RunScores(
      measures: ["nonsense"], selectedBy: "nonsense", relevantFrom: 1, queries: Self.scores())
    #expect(throws: (any Error).self) { try report.html() }
  }
}

/// Several runs on one page.
@Suite struct ComparisonReportTests {
  @Test func pageOfTwoRuns() throws {
    let log =
      #"{"event":"evaluation","split":"dev","phase":"training","step":2,"best":true,"queries":2,"orders":{"model":{"RR":0.6}}}"#
    var report = ComparisonReport([
      .init(name: "<a>", history: RunHistory(log: log.utf8)), .init(name: "b", history: nil),
    ])
    report.differences = [.init(key: "loss", values: ["<softmax>", nil])]
    report.notes = ["<note>"]
    let html = try report.html()
    try requireWellFormed(html)
    for word in ["&lt;a&gt;", "&lt;softmax&gt;", "&lt;note&gt;", "RR on dev"] {
      #expect(html.contains(word), "\(word)")
    }
    #expect(html.contains("no scores that could be measured"))
  }
}
