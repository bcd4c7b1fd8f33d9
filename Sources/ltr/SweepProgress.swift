import Diagnostics
import Files
import JSON
import Reports
import Tables
import Training

/// How far the runs of a sweep have come, one by one.
struct SweepProgress {
  /// A run with its setting, and where its training is if it has not ended.
  struct Row {
    var run: SweepReport.Run
    var setting: SweepReport.Setting
    /// Whether a process trains it.
    var isHeld = false
    /// The step of the current phase, and their number.
    var step: StepReport?
    /// The best value on dev so far; that of the selected model once the run has ended.
    var value: Double?
  }

  let report: SweepReport
  let rows: [Row]
  private let folder: SweepFolder

  /// Reads the folder of a sweep, whether it goes on or has ended.
  ///
  /// - Throws: `missingInput` if it holds no sweep; `badData` if a file of it is damaged.
  init(_ folder: SweepFolder) throws(Failure) {
    self.folder = folder
    let report = try SweepReport([folder])
    self.report = report
    rows = report.settings.flatMap { setting in
      setting.runs.map { run in
        var row = Row(run: run, setting: setting, value: run.value)
        guard run.state == .unfinished else { return row }
        row.isHeld = folder.isHeld(run.name)
        guard let log = try? readFile(folder.run(run.name).log) else { return row }
        let history = RunHistory(log: log.array)
        row.step = history.steps.last?.report
        row.value =
          history.evaluations.compactMap {
            $0.orders[RankingEvaluator.Order.model]?[report.measure]
          }.max()
        return row
      }
    }
  }

  /// Whether a process trains one of the runs.
  var isHeld: Bool { rows.contains(where: \.isHeld) }

  /// What the sweep is and how far it has come, with a line for each run.
  func text(isBold: Bool) -> String {
    labelledLines([
      ("kind", "sweep"), ("folder", folder.path), ("measure", "\(report.measure) on dev"),
      ("runs", report.progress),
    ]) + "\n" + table(isBold: isBold) + report.findings.map { $0 + "\n" }.joined()
      + report.notes.map { "warning: \($0)\n" }.joined()
  }

  private func table(isBold: Bool) -> String {
    let best = rows.indices.max { (rows[$0].value ?? -1) < (rows[$1].value ?? -1) }
    let head = ["run"] + report.keys + [report.measure, "order", "best step", "time", "state"]
    let lines = rows.map { row in
      [row.run.name] + row.setting.values.map(SweepReport.short) + [
        row.value.map { fixed($0, 4) } ?? "",
        row.run.value == nil ? "" : row.run.order,
        row.run.bestStep.map(String.init) ?? "",
        row.run.seconds.map(ProgressLine.duration) ?? "", row.state,
      ]
    }
    return alignedColumns([head] + lines) { line, column in
      isBold && line - 1 == best && column == report.keys.count + 1
    }
  }

  /// For scripts.
  var json: JSONValue {
    [
      "kind": "sweep", "folder": .text(folder.path), "measure": .text(report.measure),
      "split": "dev", "keys": .list(report.keys.map(JSONValue.text)),
      "complete": .flag(report.isComplete), "running": .flag(isHeld),
      "best": report.best.map { .text(report.settings[$0].name) } ?? .null,
      "chosen": report.isComplete ? report.chosen.map { .text($0.name) } ?? .null : .null,
      "runs": .list(rows.map { $0.json(keys: report.keys) }),
      "notes": .list(report.notes.map(JSONValue.text)),
    ]
  }
}

extension SweepProgress.Row {
  /// The state in words.
  var state: String {
    switch run.state {
    case .finished: return "finished"
    case .failed(let problem): return "failed: \(problem)"
    case .missing: return "not begun"
    case .unfinished:
      let place = step.map { ", \($0.phase) \($0.step)/\($0.steps)" } ?? ""
      return (isHeld ? "running" : "stopped") + place
    }
  }

  fileprivate func json(keys: [String]) -> JSONValue {
    var members: [String: JSONValue] = [:]
    if case .object(let known) = run.json { members = known }
    members["setting"] = .text(setting.name)
    members["values"] = .object(
      Dictionary(
        zip(keys, setting.values.map(JSONValue.text)), uniquingKeysWith: { first, _ in first }))
    if run.state == .unfinished {
      members["state"] = isHeld ? "running" : "stopped"
      members["best_so_far"] = value.map(JSONValue.number) ?? .null
      if let step {
        members["phase"] = .text(step.phase)
        (members["step"], members["steps"]) = (.whole(step.step), .whole(step.steps))
      }
    }
    return .object(members)
  }
}
