import ArgumentParser
import Diagnostics
import EventFiles
import Export
import Files
import Foundation
import Inference
import ModelFiles
import Models
import Persistence
import Provenance
import Ranking
import Recipes
import Reports
import Training
import Verification

/// `ltr train`.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains or fine-tunes a cross-encoder as a recipe specifies.",
    discussion: """
      The output folder gets recipe.yaml (every value written out), log.jsonl, checkpoints/, \
      metrics.json, scores.jsonl, report.html, tensorboard/ and model/, a Hugging Face directory with the best model; with model.lora also \
      adapter/, which PEFT loads. Ctrl-C ends the run \
      with a checkpoint; --resume continues from the newest intact checkpoint and ends with the \
      same bits as an uninterrupted run. 'ltr train recipe.yaml --resume FILE' continues from \
      another checkpoint.
      """)

  @Argument(help: ArgumentHelp("The recipe, a YAML file.", valueName: "recipe"))
  var recipe: String

  @Argument(
    help: ArgumentHelp(
      "With --resume, the checkpoint to continue from: a path, or the name of one of the run's.",
      valueName: "checkpoint"))
  var checkpoint: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Sets one value of the recipe: training.epochs=5. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The folder to write, in place of the recipe's.", valueName: "folder"))
  var output: String?

  @Flag(help: "Continue from the newest intact checkpoint in the output folder.")
  var resume = false

  @Flag(
    help: "With --resume, continue although data or base model changed since the run began.")
  var acceptChangedData = false

  @Flag(help: "Replace a run that is in the output folder.")
  var overwrite = false

  @Flag(
    help: ArgumentHelp(
      "Read recipe, model and data, report every mistake, or print what would be done, with time and "
        + "memory predicted from a few steps; start no run."))
  var dryRun = false

  @Flag(help: "Print the results as JSON; with --dry-run what would be done.")
  var json = false

  func validate() throws {
    if resume, overwrite {
      throw ValidationError("--resume continues a run, --overwrite replaces it: give one.")
    }
    if let checkpoint, !resume {
      throw ValidationError(
        "'\(checkpoint)' is a second argument: a checkpoint can be named only with --resume.")
    }
    if acceptChangedData, !resume {
      throw ValidationError("--accept-changed-data applies only with --resume.")
    }
  }

  /// The recipe and the checkpoint, whichever is named first: in `--resume FILE recipe.yaml` the
  /// parser assigns the file to the recipe.
  private var files: (recipe: String, checkpoint: String?) {
    func isCheckpoint(_ path: String) -> Bool {
      path.hasSuffix(".h5") || CheckpointReader.recognises(path)
    }
    if let checkpoint, isCheckpoint(recipe), !isCheckpoint(checkpoint) {
      return (checkpoint, recipe)
    }
    return (recipe, checkpoint)
  }

  func run() throws {
    let source = try RecipeSource(reading: files.recipe, .recipe, overrides: overrides) {
      Terminal.say("note: \($0)")
    }
    do {
      try run(source)
    } catch let failure as Failure {
      throw dryRun ? InputProblems.all(in: source, beside: failure) : source.placed(failure)
    }
  }

  private func run(_ source: RecipeSource) throws {
    var recipe = try TrainingRecipe(source)
    if let output { recipe.output = output }
    let directory = RunDirectory(recipe.output)
    let resumption = resume ? try directory.resumption(from: files.checkpoint) : nil
    // Rejected before reading and embedding, which take minutes.
    if !resume, !dryRun { try directory.check(overwrite: overwrite) }
    let display = TrainingDisplay(measure: recipe.evaluation.select)
    var told: [TrainingEvent] = []
    var (record, changes): (DataRecord?, [DataChecksums.Change]) = (nil, [])
    if let resumption { recipe = try recipe.resumed(from: resumption) }
    recipe = try recipe.searched()
    if let resumption {
      var known = try DataRecord(of: directory)
      let found = try known.resume(
        directory, afterStep: resumption.step, with: DataChecksums(recipe.inputs),
        acceptsChanges: acceptChangedData)
      if let event = found.event {
        display.show(event)
        told.append(event)
      }
      (record, changes) = (known, found.changes)
    } else if !dryRun {
      record = DataRecord(DataChecksums(recipe.inputs))
    }
    let began = ContinuousClock.now
    let setup = try TrainingSetup(recipe, isDryRun: dryRun, progress: display.progress) { event in
      display.show(event)
      told.append(event)
    }
    if dryRun {
      return try describe(setup, source, seconds: (ContinuousClock.now - began) / .seconds(1))
    }
    let resolved = recipe.resolved(from: source)
    if !resume {
      try directory.create(overwrite: overwrite)
      try writeAtomically(resolved, to: directory.recipe)
      try record?.write(to: directory)
    }
    let written = try RunWriter(
      directory, recipe: resolved, resumedAt: resumption?.step, told: told)
    let trainer = try Trainer(
      setup.model, setup.plan, setup.data, directory: directory, recipe: recipe.runIdentity,
      progress: display.progress
    ) { event in
      display.show(event)
      written.append(event)
    }
    if let resumption {
      try trainer.resume(
        from: resumption, withOtherCandidates: changes.contains { $0.role.hasPrefix("train") },
        withOtherDev: changes.contains { $0.role.hasPrefix("dev") })
      try record?.write(to: directory)
    }
    Interruption.watch()
    let end = try trainer.run { Interruption.isRequested || written.failure != nil }
    if let failure = written.failure { throw failure }
    switch end {
    case .interrupted(let checkpoint):
      display.finish()
      try written.end(.interrupted)
      Terminal.say("interrupted; saved \(checkpoint); continue with --resume")
      throw ExitCode(Interruption.exitCode)
    case .finished(let outcome):
      let scores = RunScores(
        outcome, setup.plan, latencies: trainer.latencies(), workers: trainer.workers)
      try finish(outcome, setup, directory, display)
      written.finish(scores, directory)
      if !json { try Terminal.write("report: \(directory.report)\n") }
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
    notes.base = setup.baseName
    notes.prompt = setup.model.sidecar.prompt
    let model = try setup.finished()
    model.unifyTokenTypes()
    let metrics = try TrainingMetrics(outcome, selectedBy: setup.plan.select.description).json()
    try writeAtomically(metrics, to: directory.metrics)
    var facts = ModelFacts(run: try TrainedRun(in: directory.path))
    notes.changedData = facts.run.changedData
    notes.average = outcome.average?.json
    facts.calibration = outcome.calibration.map {
      CalibrationFile($0, of: model, source: setup.recipe.calibrationSource)
    }
    if let file = facts.calibration {
      try writeAtomically(
        try file.json.json(isPretty: true) + "\n",
        to: directory.path + "/" + CalibrationFile.fileName)
    }
    let card = facts.card(of: model, notes: notes)
    try export(
      model, notes: notes, as: .own(of: model), to: directory.model, card: card,
      overwrite: true)
    if let adapters = setup.adapters {
      try exportAdapter(
        setup.model, adapters, notes: notes, to: directory.adapter, overwrite: true)
    }
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
      if let verdict = outcome.verdict { try Terminal.write(verdict.text + "\n") }
    }
  }

  private func describe(
    _ setup: TrainingSetup, _ source: RecipeSource, seconds: Double
  ) throws(Failure) {
    if !json { try Terminal.write(setup.recipe.resolved(from: source)) }
    let run = try DryRun(setup, readingSeconds: seconds)
    if json { return try Terminal.write(run.json) }
    for line in run.lines { Terminal.say(line) }
  }
}
