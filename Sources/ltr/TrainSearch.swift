import Diagnostics
import Files
import Foundation
import JSON
import Recipes
import Reports
import Tables
import Training

/// `ltr train --auto`: trials of a recipe by successive halving on dev, the best of which becomes the
/// run.
struct TrainSearch {
  /// What is asked for.
  struct Request {
    /// The seconds that the search may take; nil for no limit.
    var budget: Double?
    /// The number of trials; nil for as many as the budget allows.
    var trials: Int?
    var resume = false
    var overwrite = false
    var json = false
  }

  private let source: RecipeSource
  private let recipe: TrainingRecipe
  private let request: Request
  private let folder: SearchFolder
  private let memory = EmbeddingMemory()

  init(_ source: RecipeSource, _ recipe: TrainingRecipe, _ request: Request) {
    (self.source, self.recipe, self.request) = (source, recipe, request)
    folder = SearchFolder(recipe.output)
  }

  /// Prints the trials with the predicted time, and writes nothing.
  func describe(in folder: DryRunFolder) throws {
    let (record, plan) = try planned(dry: folder)
    guard !request.json else {
      return try Terminal.write([
        "keys": .list(plan.keys.map(JSONValue.text)),
        "trials": .list(plan.trials.map { Self.json($0, plan.keys) }),
        "rungs": .list(
          plan.rungs.map { ["steps": .whole($0.steps), "trials": .whole($0.trials)] }),
        "seconds": record.predicted.map { .number($0.reduce(0, +).rounded()) } ?? .null,
      ])
    }
    let rows = plan.trials.map { [$0.name] + $0.values.map(SweepReport.short) }
    try Terminal.write(alignedColumns([["trial"] + plan.keys] + rows))
    for line in Self.lines(record, plan) { Terminal.say(line) }
    Terminal.say("nothing was written")
  }

  /// Searches, or goes on, and writes the run.
  ///
  /// - Returns: false if it was interrupted.
  func run() throws -> Bool {
    try folder.check(resume: request.resume, overwrite: request.overwrite)
    var record: SearchFolder.Record
    let plan: SearchPlan
    if request.resume {
      record = try folder.read()
      if let budget = request.budget { record.budget = budget }
      plan = try SearchPlan(source, record.subject, trials: record.trials, steps: record.steps)
    } else {
      (record, plan) = try planned()
      try folder.begin(record, overwrite: request.overwrite)
    }
    for line in Self.lines(record, plan) { Terminal.say(line) }
    var survivors: Set<String>?
    var reports: [SweepReport] = []
    for rung in plan.rungs.indices {
      let runs = plan.runs(of: rung, trials: survivors)
      Terminal.say(
        "rung \(rung + 1) of \(plan.rungs.count): \(runs.settings.count) trials of "
          + "\(plan.rungs[rung].steps) steps")
      // A search ends with a model: the recipe's own trial begins on the first rung in any case, and on
      // a later one the best trial of the rung before.
      let due = reports.last?.finishedNames.first ?? SearchPlan.ownName
      guard let report = try train(runs, rung, of: plan, due: due, &record) else { return false }
      reports.append(report)
      survivors = plan.survivors(of: rung, ranking: report.finishedNames)
    }
    try SearchEnd(plan, reports, folder, output: recipe).write(json: request.json)
    return true
  }

  /// Trains the trials of a rung, of which `due` is trained whatever the time. Returns nil if that was
  /// interrupted.
  private func train(
    _ runs: SweepPlan, _ rung: Int, of plan: SearchPlan, due: String,
    _ record: inout SearchFolder.Record
  ) throws -> SweepReport? {
    let sweep = folder.rung(rung)
    try sweep.check(joins: true, overwrite: false)
    try sweep.open(runs, overwrite: false)
    let clock = SearchClock(folder, record)
    let later = record.predicted.map { $0.dropFirst(rung + 1).reduce(0, +) } ?? 0
    let (budget, limit) = (record.budget ?? 0, record.budget.map { $0 - later })
    var training = SweepTraining(
      runs, in: sweep, .whole, retriesFailed: false, found: folder.run.path, memory: memory)
    training.leavesOut = { run in
      let seconds = try clock.note()
      guard let limit, seconds > limit, runs.settings[run.setting].name != due else { return nil }
      return "the budget of \(ProgressLine.duration(budget)) does not suffice for it"
    }
    let isDone = try training.run()
    record.seconds = try clock.note()
    guard isDone else { return nil }
    let report = try SweepReport([sweep])
    if report.runs.allSatisfy({ $0.state != .finished }), rung == 0 {
      throw Failure(
        .badData, "all trials failed", at: Place(sweep.path),
        expected: "a run that ends with a model",
        remedy: "look at the messages above, correct the recipe, and give --overwrite")
    }
    try report.write(in: sweep)
    return report
  }

  /// The plan of a new search: what the recipe needs is measured, if there is a budget.
  private func planned(dry: DryRunFolder? = nil) throws(Failure) -> (
    SearchFolder.Record, SearchPlan
  ) {
    let began = ContinuousClock.now
    let probe = try SearchProbe(recipe, measures: request.budget != nil, dry: dry)
    var (trials, steps) = (request.trials ?? SearchProbe.usualTrials, probe.subject.steps)
    if let budget = request.budget, let cost = probe.cost {
      guard let fit = cost.fitting(budget, trials: request.trials, steps: steps) else {
        let least = cost.seconds(trials: request.trials ?? 4, steps: max(1, steps / 10))
        throw Failure(
          .usage,
          "a search needs more than \(ProgressLine.duration(budget)): about "
            + "\(ProgressLine.duration(least)) with a tenth of the recipe's steps",
          expected: "a larger --budget, or fewer --trials",
          remedy: "give --budget \(Int((least / 60).rounded(.up)))m, or shorten the recipe")
      }
      (trials, steps) = fit
    }
    let plan = try SearchPlan(source, probe.subject, trials: trials, steps: steps)
    let record = SearchFolder.Record(
      trials: plan.trials.count, steps: steps, recipeSteps: probe.subject.steps,
      reranks: probe.subject.reranks, mixes: probe.subject.mixes, layers: probe.subject.layers,
      budget: request.budget,
      predicted: probe.cost.map { cost in plan.rungs.map { cost.seconds($0) } },
      seconds: (ContinuousClock.now - began) / .seconds(1))
    return (record, plan)
  }

  private static func lines(_ record: SearchFolder.Record, _ plan: SearchPlan) -> [String] {
    var lines = plan.rungs.enumerated().map { place, rung in
      let time =
        record.predicted.map { ", at most about \(ProgressLine.duration($0[place]))" } ?? ""
      return "rung \(place + 1): \(rung.trials) trials of \(rung.steps) steps\(time)"
    }
    if record.steps < record.recipeSteps {
      lines.append(
        "the budget does not suffice for the recipe's \(record.recipeSteps) steps: the last rung has "
          + "\(record.steps)")
    }
    if record.reranks, record.mixes {
      lines.append(
        "every trial ends with training.average.base: dev, by which the base itself is a candidate")
    }
    return lines
  }

  private static func json(_ trial: SweepPlan.Setting, _ keys: [String]) -> JSONValue {
    [
      "name": .text(trial.name),
      "values": .object(
        Dictionary(
          zip(keys, trial.values.map(JSONValue.text)), uniquingKeysWith: { first, _ in first })),
    ]
  }
}

extension SearchFolder.Record {
  /// What the trials depend on.
  fileprivate var subject: SearchPlan.Subject {
    SearchPlan.Subject(reranks: reranks, mixes: mixes, layers: layers, steps: recipeSteps)
  }
}

extension SweepReport {
  /// The names of the settings that ended with a model, the best first.
  var finishedNames: [String] {
    ranking.filter { settings[$0].isFinished && settings[$0].mean != nil }.map { settings[$0].name }
  }
}

/// The time that a search has taken, over all processes that worked on it.
private final class SearchClock {
  private let folder: SearchFolder
  private var record: SearchFolder.Record
  private var last = ContinuousClock.now

  init(_ folder: SearchFolder, _ record: SearchFolder.Record) {
    (self.folder, self.record) = (folder, record)
  }

  /// Writes the time so far, and returns it in seconds.
  func note() throws -> Double {
    let now = ContinuousClock.now
    record.seconds += (now - last) / .seconds(1)
    last = now
    try folder.write(record)
    return record.seconds
  }
}
