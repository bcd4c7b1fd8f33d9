import Diagnostics
import Export
import Files
import Foundation
import JSON
import ModelFiles
import Models
import Provenance
import Recipes
import Reports
import Tables
import Training

/// The end of a search: the chosen trial becomes the run, and what was tried is shown.
struct SearchEnd {
  private let plan: SearchPlan
  /// The reports of the rungs.
  private let reports: [SweepReport]
  private let folder: SearchFolder
  /// The recipe of the run, with `data.test`.
  private let recipe: TrainingRecipe

  init(
    _ plan: SearchPlan, _ reports: [SweepReport], _ folder: SearchFolder, output: TrainingRecipe
  ) {
    (self.plan, self.reports, self.folder, recipe) = (plan, reports, folder, output)
  }

  /// Measures the chosen trial on test, writes the run, and prints what was tried.
  func write(json: Bool) throws {
    guard let rung = reports.lastIndex(where: { $0.best != nil }),
      let chosen = reports[rung].chosen
    else {
      throw Failure(
        .badData, "no trial ended with a model", at: Place(folder.run.path),
        remedy: "look at the messages above, correct the recipe, and give --overwrite")
    }
    var report = reports[rung]
    let sweep = folder.rung(rung)
    let trial = sweep.run(chosen.name)
    // A search that was interrupted after its end has written the run.
    let isWritten = report.test != nil
    try report.measureTest(in: sweep, found: folder.run.path) { outcome in
      try self.write(trial, outcome)
    }
    if report.test == nil { try write(trial, nil) }
    if isWritten, fileKind(at: folder.run.metrics) != .file { try write(trial, nil) }
    try report.write(in: sweep)
    let results = try results(chosen, report).json(isPretty: true) + "\n"
    try writeAtomically(results, to: folder.results)
    if json { return try Terminal.write(results) }
    try Terminal.write(table() + "\n")
    for line in report.findings { try Terminal.write(line + "\n") }
    if let base = baseLine(trial) { try Terminal.write(base + "\n") }
    try Terminal.write("model: \(folder.run.model)\n")
    try Terminal.write("report: \(folder.run.report)\n")
    if let verdict = report.test?.metrics.verdict { try Terminal.write(verdict.text + "\n") }
  }

  /// Copies what a run leaves from the folder of the trial, and adds the results on test.
  private func write(_ trial: RunDirectory, _ outcome: TrainingOutcome?) throws {
    let run = folder.run
    for (from, to) in [
      (trial.log, run.log), (trial.scores, run.scores), (trial.events, run.events),
      (trial.model, run.model), (trial.adapter, run.adapter),
      (trial.path + "/" + CalibrationFile.fileName, run.path + "/" + CalibrationFile.fileName),
    ] where fileKind(at: from) != nil {
      do {
        if fileKind(at: to) != nil { try FileManager.default.removeItem(atPath: to) }
        try FileManager.default.copyItem(atPath: from, toPath: to)
      } catch {
        throw Failure(.io, "the chosen trial cannot be copied: \(error)", at: Place(to))
      }
    }
    var own = try TrainingRecipe(reading: trial.recipe, overrides: [], output: run.path)
    own.data.test = recipe.data.test
    try writeAtomically(own.resolved, to: run.recipe)
    try DataRecord(DataChecksums(try own.searched().inputs)).write(to: run)
    var metrics = try JSONReader().decode(
      TrainingMetrics.self, from: try readFile(trial.metrics).array, name: trial.metrics)
    if let outcome {
      let found = TrainingMetrics(outcome, selectedBy: metrics.selectedBy)
      (metrics.test, metrics.verdict) = (found.test, found.verdict)
      var scores = try RunScores(reading: run.scores)
      scores.queries += outcome.scores
      try scores.write(to: run.scores)
    }
    try writeAtomically(try metrics.json(), to: run.metrics)
    try writeCard(own)
    try writeAtomically(try RunReport(of: run).html(), to: run.report)
  }

  /// Writes the model card again, which has the results on test.
  private func writeCard(_ recipe: TrainingRecipe) throws(Failure) {
    let run = folder.run
    let source = try ModelSource(run.model)
    let model = try CrossEncoder(source, seed: recipe.training.seed, for: .base)
    var facts = ModelFacts(run: try TrainedRun(in: run.path))
    let calibration = run.path + "/" + CalibrationFile.fileName
    if fileKind(at: calibration) == .file {
      facts.calibration = try CalibrationFile(reading: calibration)
    }
    let card = facts.card(of: model, notes: try ModelNotes(of: source))
    try writeAtomically(try card.text(), to: run.model + "/" + ModelCard.fileName)
  }

  /// What became of the base, where it was a candidate.
  private func baseLine(_ trial: RunDirectory) -> String? {
    guard let bytes = try? readFile(trial.metrics).array,
      let metrics = try? JSONReader().decode(
        TrainingMetrics.self, from: bytes, name: trial.metrics),
      let share = metrics.average?.base
    else { return nil }
    return switch share {
    case 0: "the model is the base itself: no trial is better on dev"
    case 1: "the model has the trained weights alone: no sum with the base's is better on dev"
    default: "the model has \(share) of the trained weights and the rest of the base's"
    }
  }

  /// A row for each trial: its values, and the measure with the time on every rung.
  private func table() -> String {
    let head =
      ["trial"] + plan.keys
      + plan.rungs.flatMap { ["\(reports[0].measure), \($0.steps) steps", "time"] }
    let rows = order.map { trial in
      [trial.name] + trial.values.map(SweepReport.short)
        + plan.rungs.indices.flatMap { cells(trial.name, $0) }
    }
    return alignedColumns([head] + rows)
  }

  private func run(_ name: String, _ rung: Int) -> SweepReport.Run? {
    guard reports.indices.contains(rung) else { return nil }
    return reports[rung].settings.first { $0.name == name }?.runs.first
  }

  private func cells(_ name: String, _ rung: Int) -> [String] {
    guard let run = run(name, rung) else { return ["", ""] }
    if case .failed(let problem) = run.state {
      return [problem.hasPrefix(SweepTraining.leftOut) ? SweepTraining.leftOut : "failed", ""]
    }
    return [
      run.value.map { fixed($0, 4) } ?? "", run.seconds.map(ProgressLine.duration) ?? "",
    ]
  }

  /// The trials, those that came furthest first, and of these the best on dev.
  private var order: [SweepPlan.Setting] {
    func place(_ name: String) -> (Int, Double) {
      let reached = reports.indices.last { run(name, $0)?.value != nil } ?? -1
      return (reached, run(name, reached)?.value ?? 0)
    }
    return plan.trials.indices.sorted { a, b in
      let (x, y) = (place(plan.trials[a].name), place(plan.trials[b].name))
      return x != y ? x > y : a < b
    }.map { plan.trials[$0] }
  }

  /// The results for scripts.
  private func results(
    _ chosen: SweepReport.Run, _ report: SweepReport
  ) throws(Failure) -> JSONValue {
    var members: [String: JSONValue] = [
      "measure": .text(report.measure), "split": "dev", "chosen": .text(chosen.name),
      "order": .text(chosen.order), "model": .text(folder.run.model),
      "trials": .list(
        order.map { trial in
          [
            "name": .text(trial.name),
            "values": .object(
              Dictionary(
                zip(plan.keys, trial.values.map(JSONValue.text)),
                uniquingKeysWith: { first, _ in first })),
            "rungs": .list(plan.rungs.indices.compactMap { json(trial.name, $0) }),
          ]
        }),
    ]
    if let verdict = report.test?.metrics.verdict { members["verdict"] = verdict.json }
    return .object(members)
  }

  private func json(_ name: String, _ rung: Int) -> JSONValue? {
    guard let run = run(name, rung) else { return nil }
    var members: [String: JSONValue] = [
      "steps": .whole(plan.rungs[rung].steps), "value": run.value.map(JSONValue.number) ?? .null,
      "seconds": run.seconds.map(JSONValue.number) ?? .null,
    ]
    if case .failed(let problem) = run.state { members["error"] = .text(problem) }
    return .object(members)
  }
}
