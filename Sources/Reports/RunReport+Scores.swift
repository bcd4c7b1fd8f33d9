import Diagnostics
import Foundation
import Ranking
import Tables
import Training

extension RunReport {
  /// The distributions of the model's scores by grade.
  func scoreSection(_ analysis: RunAnalysis?) -> Page.Section {
    var section = Page.Section(id: "scores", title: "Scores by grade", blocks: [])
    guard let analysis else {
      section.blocks = [.text(Self.withoutScores)]
      return section
    }
    let groups = analysis.scoresByGrade()
    let all = groups.flatMap(\.scores)
    guard let low = all.min(), let high = all.max(), high > low else {
      section.blocks = [.text("All scores are equal: the model does not tell documents apart.")]
      return section
    }
    let bins = 24
    let width = (high - low) / Double(bins)
    let strokes: [Plot.Stroke] = [
      .dashed(3), .dotted(4), .solid(1), .solid(2), .dashed(5), .solid(6),
    ]
    let series = groups.enumerated().map { place, group in
      var counts = [Double](repeating: 0, count: bins)
      for score in group.scores { counts[min(bins - 1, Int((score - low) / width))] += 1 }
      let points = counts.enumerated().map { bin, count in
        Plot.Point(low + (Double(bin) + 0.5) * width, 100 * count / Double(group.scores.count))
      }
      return Plot.Series(
        name: "\(Self.grade(group.grade)) (\(group.scores.count))",
        stroke: strokes[place % strokes.count], points: points)
    }
    let rows = groups.map { group -> [Page.Cell] in
      let sorted = group.scores.sorted()
      func quantile(_ share: Double) -> Double { sorted[Int(share * Double(sorted.count - 1))] }
      return [
        .init(Self.grade(group.grade)), .init("\(sorted.count)"), .init(fixed(quantile(0.1), 2)),
        .init(fixed(quantile(0.5), 2)), .init(fixed(quantile(0.9), 2)),
      ]
    }
    let medians = zip(groups, rows).map { "\(Self.grade($0.grade)) \($1[3].text)" }
    section.blocks = [
      .plots([
        Plot(
          title: "Model's scores on \(analysis.split)",
          description: "Share of the candidates of each grade, in percent, over the score. "
            + "Medians: \(medians.joined(separator: ", ")).",
          xName: "score", series: series, includes: .init(low, 0))
      ]),
      .table(
        Page.Table(
          caption: "Scores of candidates by grade",
          header: ["grade", "candidates", "10 %", "median", "90 %"], rows: rows)),
    ]
    return section
  }

  /// How well scores read as probabilities of relevance.
  func calibrationSection(_ analysis: RunAnalysis?) throws(Failure) -> Page.Section {
    var section = Page.Section(id: "calibration", title: "Calibration", blocks: [])
    guard let analysis, let scores else {
      section.blocks = [.text(Self.withoutScores)]
      return section
    }
    var maps: [(name: String, stroke: Plot.Stroke, map: ScoreMap)] = [
      ("sigmoid of the score", .dashed(4), .identity)
    ]
    if let first = scores.splits.first {
      let fit = try RunAnalysis(scores, split: first).outcomes()
      let relevant = fit.relevant.count { $0 }
      if relevant > 0, relevant < fit.relevant.count {
        maps.append(
          (
            "fitted on \(first) (Platt)", .solid(1),
            ScoreMap.fitted(scores: fit.scores, relevant: fit.relevant)
          ))
      }
    }
    var series = [
      Plot.Series(name: "perfect", stroke: .dotted(3), points: [.init(0, 0), .init(1, 1)])
    ]
    var rows: [[Page.Cell]] = []
    for (name, stroke, map) in maps {
      guard let (bins, error) = analysis.reliability(map) else { continue }
      series.append(
        .init(
          name: name, stroke: stroke, points: bins.map { .init($0.probability, $0.share) },
          marks: true))
      rows.append([
        .init(name), .init(fixed(error.expected, 4)), .init(fixed(error.brier, 4)),
        .init(fixed(error.logLoss, 4)),
      ])
    }
    let words = rows.map { "\($0[0].text): expected calibration error \($0[1].text)" }
    section.blocks = [
      .plots([
        Plot(
          title: "Reliability on \(analysis.split)",
          description:
            "The share of relevant candidates over the probability that the model states, "
            + "in bins of a tenth. \(words.joined(separator: "; ")).",
          xName: "stated probability of relevance", series: series, bounds: (0...1, 0...1))
      ]),
      .table(
        Page.Table(
          caption: "Errors of probabilities on \(analysis.split)",
          header: ["probability", "expected calibration error", "Brier", "log loss"], rows: rows,
          note: "An unjudged candidate counts as not relevant, as in the measures.")),
    ]
    return section
  }

  /// Quality and time over the number of candidates that are reranked.
  func depthSection(_ analysis: RunAnalysis?) -> Page.Section {
    var section = Page.Section(id: "depth", title: "Where to cut", blocks: [])
    guard let analysis else {
      section.blocks = [.text(Self.withoutScores)]
      return section
    }
    let depths = analysis.depths()
    guard depths.count > 1 else {
      section.blocks = [.text("The candidates are too few to compare depths.")]
      return section
    }
    let hasFused = depths.contains { $0.fused != nil }
    let latencies = scores?.latencies ?? []
    func seconds(_ depth: Int) -> Double? { latencies.first { $0.depth == depth }?.seconds }
    func points(_ value: (RunAnalysis.Depth) -> Double?) -> [Plot.Point] {
      depths.compactMap { depth in value(depth).map { .init(Double(depth.depth), $0) } }
    }
    let deepest = Double(depths[depths.count - 1].depth)
    let strokes: [Plot.Stroke] = [.dashed(3), .dotted(4), .dotted(6)]
    let levels = analysis.baselines.enumerated().compactMap { place, name in
      analysis.mean(name).map {
        Plot.Series(
          name: name, stroke: strokes[place % strokes.count],
          points: [.init(0, $0), .init(deepest, $0)])
      }
    }
    var plots = [
      Plot(
        title: "\(analysis.select) by depth",
        description: Self.advice(depths, analysis.select.description),
        xName: "candidates reranked",
        series: levels + [
          .init(name: "fused", stroke: .dashed(2), points: points(\.fused), marks: true),
          .init(name: "model", stroke: .solid(1), points: points { $0.model }, marks: true),
        ])
    ]
    if latencies.count > 1, let last = latencies.last {
      plots.append(
        Plot(
          title: "Time by depth",
          description: "Milliseconds for a query, median of a few, "
            + "\(scores?.workers.map { "\($0) workers" } ?? "all workers") on one query: "
            + "\(Self.milliseconds(last.seconds)) ms for \(last.depth) candidates.",
          xName: "candidates reranked",
          series: [
            .init(
              name: "time", stroke: .solid(5),
              points: latencies.map { .init(Double($0.depth), 1000 * $0.seconds) }, marks: true)
          ], includes: .init(0, 0)))
    }
    let rows = depths.map { depth -> [Page.Cell] in
      [.init("\(depth.depth)"), .init(fixed(depth.model, 4))]
        + (hasFused ? [.init(depth.fused.map { fixed($0, 4) } ?? "")] : [])
        + [.init(fixed(depth.ceiling, 4))]
        + (latencies.isEmpty ? [] : [.init(seconds(depth.depth).map(Self.milliseconds) ?? "")])
    }
    section.blocks = [
      .plots(plots),
      .table(
        Page.Table(
          caption:
            "\(analysis.select) on \(analysis.split) if only the first candidates are reranked",
          header: ["depth", "model"] + (hasFused ? ["fused"] : []) + ["perfect order"]
            + (latencies.isEmpty ? [] : ["ms a query"]), rows: rows,
          note: "Candidates behind the depth keep the first stage's order.")),
    ]
    if latencies.isEmpty { section.blocks.append(.text("This run holds no times.")) }
    return section
  }

  /// The smallest depth at which the best of model and fused is within 1 % of its best value.
  package static func advice(_ depths: [RunAnalysis.Depth], _ measure: String) -> String {
    func value(_ depth: RunAnalysis.Depth) -> Double { max(depth.model, depth.fused ?? 0) }
    guard let best = depths.max(by: { value($0) < value($1) }),
      let enough = depths.first(where: { value($0) >= 0.99 * value(best) })
    else { return "" }
    return enough.depth == best.depth
      ? "Best at depth \(best.depth) with \(measure) \(fixed(value(best), 4)); no smaller depth comes "
        + "within 1 % of it."
      : "Depth \(enough.depth) is within 1 % of the best value, \(measure) \(fixed(value(best), 4)) at "
        + "depth \(best.depth)."
  }

  private static func milliseconds(_ seconds: Double) -> String {
    fixed(1000 * seconds, seconds < 0.1 ? 1 : 0)
  }
}
