import Foundation
import Tables
import Training

extension RunReport {
  private typealias Order = RankingEvaluator.Order

  /// Loss and measures over the steps, with the baselines as level lines.
  func curveSection() -> Page.Section {
    var plots = lossPlots
    plots += measurePlots
    var blocks: [Page.Block] = []
    if plots.contains(where: { !$0.isEmpty }) {
      blocks.append(.plots(plots))
    } else {
      blocks.append(.text("The run's log has no steps."))
    }
    if !history.evaluations.isEmpty {
      blocks.append(.folded("All evaluations", [.table(evaluations)]))
    }
    return Page.Section(id: "curves", title: "Curves", blocks: blocks)
  }

  private var lossPlots: [Plot] {
    history.phases.compactMap { phase in
      let points = history.steps.filter { $0.report.phase == phase.name }.map {
        Plot.Point(Double($0.report.step), $0.report.loss)
      }
      guard let first = points.first, let last = points.last else { return nil }
      let smooth = Plot.smoothed(points, window: max(3, Double(points.count) / 20))
      return Plot(
        title: history.phases.count > 1 ? "Loss, \(phase.name)" : "Loss",
        description: "Loss of \(points.count) steps: \(Plot.number(first.y)) at the first, "
          + "\(Plot.number(smooth.last?.y ?? last.y)) at the end, smoothed.",
        xName: "step of \(phase.name)",
        series: [
          .init(name: "each step", stroke: .faint(1), points: Plot.thinned(points)),
          .init(name: "smoothed", stroke: .solid(1), points: Plot.thinned(smooth)),
        ], marks: phase.name == history.phases.last?.name ? bestMark(from: phase) : [])
    }
  }

  private func bestMark(from phase: RunHistory.Phase) -> [(x: Double, name: String)] {
    guard let bestStep, bestStep > phase.start, bestStep <= phase.start + phase.steps else {
      return []
    }
    return [(Double(bestStep - phase.start), "selected")]
  }

  private var measurePlots: [Plot] {
    guard let first = history.evaluations.first else { return [] }
    let names = first.orders[Order.model].map { $0.keys.sorted() } ?? []
    let selected = scores?.selectedBy ?? selectedBy
    let ordered = names.sorted { ($0 == selected ? 0 : 1, $0) < ($1 == selected ? 0 : 1, $1) }
    return ordered.map { measure in measurePlot(measure, split: first.split) }
  }

  private func measurePlot(_ measure: String, split: String) -> Plot {
    func points(_ order: String) -> [Plot.Point] {
      history.evaluations.compactMap { evaluation in
        evaluation.orders[order]?[measure].map { Plot.Point(Double(evaluation.total), $0) }
      }
    }
    let last = max(1, history.steps.last.map { Double($0.total) } ?? 1)
    func level(_ order: String) -> [Plot.Point] {
      guard let value = points(order).last?.y else { return [] }
      return [.init(0, value), .init(last, value)]
    }
    let model = points(Order.model)
    let best = model.max { $0.y < $1.y }
    let words = [Order.firstStage, Order.biEncoder, Order.base].compactMap { order in
      points(order).last.map { "\(order) \(fixed($0.y, 4))" }
    }
    return Plot(
      title: "\(measure) on \(split)",
      description:
        "Best by the model: \(best.map { "\(fixed($0.y, 4)) after step \(Int($0.x))" } ?? "none"). "
        + "Baselines: \(words.isEmpty ? "none" : words.joined(separator: ", ")).",
      xName: "step",
      series: [
        .init(name: Order.firstStage, stroke: .dashed(3), points: level(Order.firstStage)),
        .init(name: Order.biEncoder, stroke: .dotted(4), points: level(Order.biEncoder)),
        .init(name: Order.base, stroke: .dotted(6), points: level(Order.base)),
        .init(name: Order.fused, stroke: .dashed(2), points: points(Order.fused), marks: true),
        .init(name: Order.model, stroke: .solid(1), points: model, marks: true),
      ],
      marks: history.phases.count > 1
        ? history.phases.dropFirst().map { (Double($0.start), $0.name) } : [])
  }

  private var evaluations: Page.Table {
    let measures = history.evaluations[0].orders[Order.model].map { $0.keys.sorted() } ?? []
    return Page.Table(
      caption: "The model at each evaluation", header: ["step"] + measures + ["best so far"],
      rows: history.evaluations.map { evaluation in
        [Page.Cell("\(evaluation.total)", Double(evaluation.total))]
          + measures.map { measure in
            let value = evaluation.orders[Order.model]?[measure]
            return .init(value.map { fixed($0, 4) } ?? "", value)
          } + [.init(evaluation.isBest ? "yes" : "")]
      })
  }

  /// Learning rate, gradient, pairs in order, spread of scores, and speed.
  func detailSection() -> Page.Section {
    func plot(
      _ title: String, _ what: String, _ value: (StepReport) -> Double?, smooth: Bool = true
    ) -> Plot {
      let points = history.steps.compactMap { step in
        value(step.report).map { Plot.Point(Double(step.total), $0) }
      }
      let shown =
        smooth
        ? Plot.smoothed(points, window: max(3, Double(points.count) / 20)) : points
      var series: [Plot.Series] = []
      if smooth {
        series.append(.init(name: "each step", stroke: .faint(1), points: Plot.thinned(points)))
      }
      series.append(
        .init(name: smooth ? "smoothed" : "", stroke: .solid(1), points: Plot.thinned(shown)))
      let range = points.map(\.y)
      return Plot(
        title: title,
        description: "\(what) From \(Plot.number(range.min() ?? 0)) to "
          + "\(Plot.number(range.max() ?? 0)), at the end \(Plot.number(shown.last?.y ?? 0)).",
        xName: "step", series: series,
        marks: history.phases.count > 1
          ? history.phases.dropFirst().map { (Double($0.start), $0.name) } : [])
    }
    let plots = [
      plot(
        "Pairs in order", "Share of the pairs of differently labelled documents of a list.",
        \.orderedShare),
      plot(
        "Spread of scores", "Mean standard deviation of the scores of a list.", \.scoreDeviation),
      plot("Gradient norm", "Before clipping.", \.gradientNorm),
      plot("Learning rate", "", { $0.learningRate }, smooth: false),
      plot("Tokens per second", "", { $0.tokensPerSecond }, smooth: false),
    ].filter { !$0.isEmpty }
    return Page.Section(
      id: "training", title: "Training in detail",
      blocks: plots.isEmpty ? [.text("The run's log has no steps.")] : [.plots(plots)])
  }
}
