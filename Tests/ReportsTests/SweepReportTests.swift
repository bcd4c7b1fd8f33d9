import Foundation
import Randomness
import Testing

import Reports
import Training

/// The report of a sweep made of plain values.
@Suite struct SweepReportTests {
  private static let hostile = "<script>alert(1)</script>\"'&"

  private func run(
    _ setting: String, _ seed: UInt64, _ gain: Double, _ state: SweepReport.Run.State = .finished
  ) -> SweepReport.Run {
    var run = SweepReport.Run(name: "\(setting)-seed-\(seed)", seed: seed, state: state)
    guard state == .finished else { return run }
    var random = SplitMix64(seed: seed, stream: UInt64(setting) ?? 9)
    for query in 0..<60 {
      run.values["q\(query)"] =
        0.3 + gain + 0.3 * Double(query % 7) / 7 + 0.04 * (random.uniform() - 0.5)
    }
    (run.folder, run.steps, run.bestStep, run.seconds) = ("runs/" + run.name, 20, 10, 61)
    run.course = [(10, 0.3), (20, 0.3 + gain)]
    return run
  }

  /// Four settings and the recipe as it is written, with two seeds each, of which one run failed.
  private func report(_ last: SweepReport.Run.State = .failed("it <failed>")) -> SweepReport {
    func setting(_ name: String, _ values: [String], _ gain: Double) -> SweepReport.Setting {
      .init(name: name, values: values, runs: [run(name, 1, gain), run(name, 2, gain + 0.02)])
    }
    var settings = [
      setting("base", ["5.0e-5", "lambdarank"], 0),
      setting("001", ["1.0e-5", "softmax"], -0.1),
      setting("002", ["1.0e-4", Self.hostile], 0.1),
      setting("003", ["1.0e-3", "softmax"], 0.097),
    ]
    settings.append(
      .init(
        name: "004", values: ["1.0e-2", "softmax"],
        runs: [run("004", 1, 0.5), run("004", 2, 0, last)]))
    var report = SweepReport(
      name: Self.hostile, measure: "nDCG@10", keys: ["optimizer.lr", "loss"], settings: settings,
      base: 0)
    report.recipe = "loss: \(Self.hostile)"
    report.notes = ["careful <b>"]
    report.compare(generator: SplitMix64(seed: 1))
    return report
  }

  @Test func devChooses() throws {
    let report = report()
    #expect(report.isComplete && report.ranking.map { report.settings[$0].name }.first == "004")
    // The one with the highest mean has a failed run.
    #expect(report.best == 2 && report.chosen?.name == "002-seed-2")
    #expect(abs(try #require(report.settings[2].deviation) - 0.02 / 2.0.squareRoot()) < 0.004)
    #expect(report.settings[4].deviation == nil)
    #expect(report.againstBase[0] == nil && (report.againstBase[2]?.p ?? 1) < 0.01)
    #expect((report.againstBest[3]?.p ?? 0) > 0.05 && (report.againstBest[1]?.p ?? 1) < 0.01)
    let words = report.findings.joined(separator: "\n")
    #expect(words.contains("it is better than the recipe as it is written: +0.09"))
    #expect(words.contains("1 of 4 other settings is not different from the best one"))
    #expect(words.contains("runs failed in 004, which therefore cannot be chosen"))
    #expect(report.progress == "9 of 10 runs finished, 1 failed")
    let unfinished = self.report(.unfinished)
    #expect(!unfinished.isComplete && unfinished.progress.contains("1 not yet trained"))
  }

  @Test func tableHasTheBestFirst() {
    let lines = report().table(isBold: false).split(separator: "\n").map(String.init)
    #expect(lines.count == 6 && lines[0].contains("against base"))
    #expect(lines[1].hasPrefix("004") && lines[1].contains("1 of 2, 1 failed"))
    #expect(lines[2].hasPrefix("002") && lines[5].hasPrefix("001"))
  }

  @Test func pageIsWholeAndEscaped() throws {
    let html = try report().html()
    #expect(
      !html.contains(Self.hostile) && !html.contains("<failed>") && !html.contains("careful <b>"))
    #expect(!html.contains("://"), "a report needs no network")
    for word in [
      "Settings across keys", "nDCG@10 by optimizer.lr", "log₁₀ of optimizer.lr",
      "failed: it &lt;failed&gt;", "(chosen)", "Test has not been measured", "careful &lt;b&gt;",
    ] {
      #expect(html.contains(word), "\(word)")
    }
    let drawings = html.matches(of: /<svg viewBox.*?<\/svg>/).map { String($0.0) }
    #expect(drawings.count > 3)
    for drawing in drawings { try requireWellFormed(drawing) }
    // Without a finished run, and with one setting, there is a page as well.
    var none = SweepReport(name: "s", measure: "AP", keys: [], settings: [], base: nil)
    #expect(try none.html().contains("No setting has all its runs finished"))
    none.settings = [.init(name: "base", values: [], runs: [run("base", 1, 0)])]
    none.base = 0
    none.compare(generator: SplitMix64(seed: 1))
    #expect(try none.html().contains("Too few settings"))
    #expect(none.findings.last == "no setting is better on dev than the recipe as it is written")
  }

  @Test func axesOfParallelPlots() throws {
    let plot = ParallelPlot(
      title: "t & u",
      axes: [
        .init(name: "rate <1>", words: ["1.0e-6", "1.0e-4", "1.0e-5"]),
        .init(name: "loss", words: ["softmax", "lambdarank", "softmax"]),
        .init(name: "same", words: ["3", "3", "3"]), .init(name: "AP", numbers: [0.1, 0.3, 0.2]),
      ],
      lines: [
        .init(name: "a", kind: .other), .init(name: "b", kind: .best),
        .init(name: "c", kind: .base),
      ], description: "d")
    let svg = plot.svg(id: "p")
    try requireWellFormed(svg)
    // By its logarithm the rate in the middle is in the middle, as is its measure.
    let middle = svg.firstMatch(
      of: /c4 dashed" d="M30 ([0-9.]+)L180 ([0-9.]+)L330 ([0-9.]+)L480 ([0-9.]+)"/)
    let heights = try #require(middle).output
    #expect(heights.1 == heights.3 && heights.1 == heights.4)
    let best = try #require(svg.firstMatch(of: /c1" d="M30 ([0-9.]+)L180 ([0-9.]+)L330/)).output
    let top = try #require(Double(best.1))
    #expect(top < (try #require(Double(heights.1))) && best.2 != heights.2)
    #expect(svg.contains(">softmax<") && svg.contains(">lambdarank<"))
    #expect(
      plot.legend.map(\.name) == ["best setting", "recipe as it is written", "other settings"])
  }
}
