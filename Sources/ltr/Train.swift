import ArgumentParser
import Diagnostics
import Export
import Files
import Foundation
import Models
import Persistence
import Ranking
import Recipes
import Training

/// `ltr train`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains or fine-tunes a cross-encoder as a recipe says.",
    discussion: """
      The output folder gets recipe.yaml (every value written out), log.jsonl, checkpoints/, \
      metrics.json and model/, a Hugging Face directory with the best model. Ctrl-C ends the run \
      with a checkpoint; --resume goes on from the newest one and ends with the same bits as a run \
      that was never interrupted.
      """)

  @Argument(help: ArgumentHelp("The recipe, a YAML file.", valueName: "recipe"))
  var recipe: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Sets one value of the recipe: training.epochs=5. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The folder to write, in place of the recipe's.", valueName: "folder"))
  var output: String?

  @Flag(help: "Go on from the newest checkpoint in the output folder.")
  var resume = false

  @Flag(help: "Replace a run that is in the output folder.")
  var overwrite = false

  @Flag(help: "Read recipe, model and data, say what would be done, and write nothing.")
  var dryRun = false

  @Flag(help: "Print what came out as JSON.")
  var json = false

  func validate() throws {
    if resume, overwrite {
      throw ValidationError("--resume goes on with a run, --overwrite replaces it: give one.")
    }
  }

  func run() throws {
    let recipe = try TrainingRecipe(reading: self.recipe, overrides: overrides, output: output)
    let directory = RunDirectory(recipe.output)
    if resume, directory.newestCheckpoint == nil {
      throw Failure(
        .missingInput, "there is no checkpoint to resume from", at: Place(directory.checkpoints),
        remedy: "leave --resume out to start anew")
    }
    // Refused before minutes go into reading and embedding.
    if !resume, !dryRun { try directory.check(overwrite: overwrite) }
    let display = TrainingDisplay()
    let setup = try TrainingSetup(
      recipe, isDryRun: dryRun, progress: display.progress, report: display.show)
    if dryRun { return try describe(setup) }
    if !resume {
      try directory.create(overwrite: overwrite)
      try writeAtomically(recipe.resolved, to: directory.recipe)
    }
    let log = try RunLog(directory.log)
    var logFailure: Failure?
    let trainer = try Trainer(
      setup.model, setup.plan, setup.data, directory: directory, recipe: setup.identity,
      progress: display.progress
    ) { event in
      display.show(event)
      do throws(Failure) { try log.append(event) } catch { logFailure = logFailure ?? error }
    }
    if resume, let checkpoint = directory.newestCheckpoint {
      try trainer.resume(from: checkpoint)
      display.show(.note("resuming from \(checkpoint)"))
    }
    Interruption.watch()
    let end = try trainer.run { Interruption.isRequested || logFailure != nil }
    if let logFailure { throw logFailure }
    switch end {
    case .interrupted(let checkpoint):
      display.finish()
      Terminal.say("interrupted; \(checkpoint) has everything, --resume goes on from it")
      throw ExitCode(Interruption.exitCode)
    case .finished(let outcome):
      try finish(outcome, setup, directory, display)
    }
  }

  private func finish(
    _ outcome: TrainingOutcome, _ setup: TrainingSetup, _ directory: RunDirectory,
    _ display: TrainingDisplay
  ) throws {
    display.finish()
    var notes = ModelNotes()
    notes.maximumLength = setup.plan.maximumLength
    notes.fusionWeight = outcome.fusionWeight
    notes.base = setup.recipe.model.base
    setup.model.unifySegments()
    let metrics = try TrainingMetrics(outcome, selectedBy: setup.plan.select.description).json()
    try writeAtomically(metrics, to: directory.metrics)
    try writeAtomically(
      try JSONValue.object(DataChecksums(setup.recipe).json).json(isPretty: true) + "\n",
      to: directory.path + "/" + DataChecksums.fileName)
    var facts = ModelFacts(provenance: try Provenance(run: directory.path))
    facts.calibration = outcome.calibration.map {
      CalibrationFile($0, of: setup.model, source: setup.recipe.calibrationSource)
    }
    if let file = facts.calibration {
      try writeAtomically(
        try file.json.json(isPretty: true) + "\n",
        to: directory.path + "/" + CalibrationFile.fileName)
    }
    let card = facts.card(of: setup.model, notes: notes)
    try export(setup.model, notes: notes, to: directory.model, card: card, overwrite: true)
    let warningFile = directory.model + "/WARNING.txt"
    if let warning = outcome.warning {
      try writeAtomically(warning + "\n", to: warningFile)
    }
    if json {
      try Terminal.write(String(decoding: metrics, as: UTF8.self))
    } else {
      for (split, report) in [("dev", outcome.dev), ("test", outcome.test)] {
        guard let report else { continue }
        try Terminal.write("\(split), \(report.queries) queries\n")
        try Terminal.write(TrainingDisplay.table(report) + "\n")
      }
      try Terminal.write("model: \(directory.model)\n")
    }
  }

  private func describe(_ setup: TrainingSetup) throws {
    try Terminal.write(setup.recipe.resolved)
    for line in setup.summary { Terminal.say(line) }
  }
}
