public import Diagnostics
import Ranking
import Tables
import Training

extension SweepReport {
  /// The page: one file of HTML that needs no network.
  ///
  /// - Throws: `software` if the template is at fault.
  public func html() throws(Failure) -> String {
    var page = Page(title: "\(name): sweep", heading: name)
    page.subheading = "report of a sweep: \(progress)"
    page.lead = lead
    page.verdict = test?.metrics.verdict
    page.sections = [settingSection, keySection, courseSection, testSection, runSection]
    if let recipe {
      page.sections.append(
        .init(
          id: "recipe", title: "Recipe",
          blocks: [.folded("Every value of the recipe", [.code(recipe, label: "Recipe")])]))
    }
    if !notes.isEmpty {
      page.sections.append(
        .init(id: "notes", title: "Notes", blocks: [.messages(notes.map { (true, $0) })]))
    }
    return try page.html()
  }

  private var lead: [Page.Figure] {
    var figures: [Page.Figure] = []
    func add(_ name: String, _ place: Int?, isOwn: Bool) {
      guard let place, let mean = settings[place].mean else { return }
      let deviation = settings[place].deviation.map { " ± \(fixed($0, 4))" } ?? ""
      figures.append(
        .init(
          name: name, value: fixed(mean, 4) + deviation, note: "\(measure) on dev", isOwn: isOwn))
    }
    add("recipe as it is written", base, isOwn: false)
    if let best, best != base { add("best setting, \(settings[best].name)", best, isOwn: true) }
    if let test, let verdict = test.metrics.verdict {
      figures.append(
        .init(
          name: "chosen run, \(verdict.choice)", value: fixed(verdict.value, 4),
          note: "\(verdict.measure) on test", isOwn: true))
    }
    return figures
  }

  private var settingSection: Page.Section {
    let mean = settings.compactMap(\.mean).max()
    let rows = ranking.map { place -> [Page.Cell] in
      let setting = settings[place]
      var cells = [Page.Cell(setting.name + (place == base ? " (as it is written)" : ""))]
      cells += setting.values.map { Page.Cell(Self.short($0), Double($0)) }
      cells.append(
        .init(
          setting.mean.map { fixed($0, 4) } ?? "", setting.mean,
          look: setting.mean == mean ? "best" : ""))
      cells.append(.init(setting.deviation.map { fixed($0, 4) } ?? "", setting.deviation))
      cells.append(.init(stateWords(setting)))
      if base != nil { cells += Self.cells(of: place, in: againstBase) }
      cells += Self.cells(of: place, in: againstBest)
      return cells
    }
    var header = ["setting"] + keys + [measure, "deviation", "runs"]
    if base != nil { header += ["against base", "p"] }
    header += ["against best", "p"]
    var blocks = findings.map { Page.Block.text(sentence($0)) }
    if best == nil { blocks.append(.text("No setting has all its runs finished.")) }
    blocks.append(
      .table(
        .init(
          caption: "Settings by \(measure) on dev, the best first", header: header, rows: rows,
          note: "The deviation is that of the runs of a setting, which differ in their seeds. "
            + Self.method
            + " The best setting was chosen on the same queries, so that its value is too "
            + "high: only test tells.", isSortable: true, textColumns: 1 + keys.count)))
    return Page.Section(id: "settings", title: "Settings", blocks: blocks)
  }

  /// A difference and its p-value.
  private static func cells(of place: Int, in all: [SettingComparison?]) -> [Page.Cell] {
    guard all.indices.contains(place), let found = all[place] else {
      return [.init(""), .init("")]
    }
    let look = found.p < 0.05 ? (found.difference > 0 ? "up" : "down") : ""
    return [
      .init(RunReport.signed(found.difference, 4), found.difference, look: look),
      .init(RunReport.probability(found.p), found.p),
    ]
  }

  private func sentence(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  /// The curves of the best setting and of the recipe as it is written.
  private var courseSection: Page.Section {
    var series: [Plot.Series] = []
    func add(_ place: Int?, _ name: String, _ stroke: Plot.Stroke) {
      guard let place else { return }
      for (rank, run) in settings[place].runs.enumerated() {
        series.append(
          Plot.Series(
            name: rank == 0 ? name : "", stroke: stroke,
            points: run.course.map { .init(Double($0.step), $0.value) },
            marks: settings[place].runs.count == 1))
      }
    }
    if best != base { add(base, "recipe as it is written", .dashed(4)) }
    add(best, best.map { "best setting, \(settings[$0].name)" } ?? "", .solid(1))
    let plot = Plot(
      title: "\(measure) of the model on dev",
      description: "One line for each seed.", xName: "step", series: series)
    return Page.Section(
      id: "curves", title: "Curves",
      blocks: plot.isEmpty ? [.text("No setting has all its runs finished.")] : [.plots([plot])])
  }

  private var testSection: Page.Section {
    var blocks: [Page.Block] = [
      .text(
        "No run of the sweep reads test. When all have ended, the run that dev has chosen is measured on "
          + "it, once.")
    ]
    if let test, let split = test.metrics.test {
      blocks.append(.text("Measured: \(test.run)."))
      blocks.append(.table(RunReport.stored("test", split)))
    } else {
      blocks.append(.text("Test has not been measured."))
    }
    return Page.Section(id: "test", title: "Test", blocks: blocks)
  }

  private var runSection: Page.Section {
    let rows = ranking.flatMap { settings[$0].runs }.map { run -> [Page.Cell] in
      let state =
        switch run.state {
        case .finished: "finished"
        case .failed(let problem): "failed: \(problem)"
        case .unfinished: "unfinished"
        case .missing: "not trained"
        }
      return [
        .init(run.name + (run.name == chosen?.name && isComplete ? " (chosen)" : "")),
        .init(state), .init(run.value == nil ? "" : run.order),
        .init(run.value.map { fixed($0, 4) } ?? "", run.value),
        .init(run.bestStep.map(String.init) ?? "", run.bestStep.map(Double.init)),
        .init(run.steps.map(String.init) ?? "", run.steps.map(Double.init)),
        .init(run.seconds.map(RunReport.duration) ?? "", run.seconds),
      ]
    }
    return Page.Section(
      id: "runs", title: "Runs",
      blocks: [
        .table(
          .init(
            caption: "Runs by setting",
            header: ["run", "state", "order", measure, "best step", "steps", "time"], rows: rows,
            note: "Each has a report of its own, in its folder.", isSortable: true, textColumns: 3))
      ])
  }
}
