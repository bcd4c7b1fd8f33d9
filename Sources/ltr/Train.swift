import ArgumentParser
import Cluster
import Collectives
import Diagnostics
import Export
import Files
import Foundation
import Persistence
import Ranking
import Recipes
import Training

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
      another checkpoint. With --auto, trials with other values of some keys \
      compete on data.dev within a budget, and the best one becomes the run.
      """)

  @Argument(help: ArgumentHelp("The recipe, a YAML file.", valueName: "recipe"))
  var recipe: String

  @Argument(
    help: ArgumentHelp(
      "With --resume, the checkpoint to continue from: a path, or the name of one of the run's.",
      valueName: "checkpoint"))
  var checkpoint: String?

  @OptionGroup var changes: RecipeChanges

  @Flag(help: "Continue from the newest intact checkpoint in the output folder.")
  var resume = false

  @Flag(
    help: "With --resume, continue although data or base model changed since the run began.")
  var acceptChangedData = false

  @Flag(help: "Replace a run that is in the output folder.")
  var overwrite = false

  @Flag(
    help:
      "Search learning rates, losses, list sizes and frozen layers by successive halving on dev.")
  var auto = false

  @Option(
    help: ArgumentHelp(
      "With --auto, the time of the search: 30m, 2h, 90s; a number alone is minutes.",
      valueName: "time"))
  var budget: String?

  @Option(
    help: ArgumentHelp(
      "With --auto, the number of trials (default: 9, or as many as the budget allows).",
      valueName: "n"))
  var trials: Int?

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
    try validateSearch()
    if let checkpoint, !resume {
      throw ValidationError(
        "'\(checkpoint)' is a second argument: a checkpoint can be named only with --resume.")
    }
    if acceptChangedData, !resume {
      throw ValidationError("--accept-changed-data applies only with --resume.")
    }
  }

  private func validateSearch() throws {
    guard auto else {
      if budget != nil { throw ValidationError("--budget applies only with --auto.") }
      if trials != nil { throw ValidationError("--trials applies only with --auto.") }
      return
    }
    if let budget, Self.seconds(budget) == nil {
      throw ValidationError("--budget must be a time such as 30m, 2h or 90s; '\(budget)' is not.")
    }
    if let trials, !(1...1000).contains(trials) {
      throw ValidationError("--trials must be from 1 to 1000; \(trials) is not.")
    }
    if checkpoint != nil || acceptChangedData {
      throw ValidationError("--auto continues a search with --resume alone.")
    }
    if resume, trials != nil {
      throw ValidationError(
        "--trials cannot be changed: --resume continues the trials of the search.")
    }
  }

  /// Reads a time: a number with s, m or h, or of minutes; nil for anything else.
  static func seconds(_ text: String) -> Double? {
    let units = ["s": 1.0, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[String($0)] }
    let number = unit == nil ? text[...] : text.dropLast()
    guard number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
      let value = Double(number), value > 0, value < 1e7
    else { return nil }
    return value * (unit ?? 60)
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
    let source = try RecipeSource(reading: files.recipe, .recipe, overrides: changes.overrides) {
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
    if let output = changes.output { recipe.output = output }
    try recipe.requireSingleRun(files.recipe)
    if auto || dryRun { try Ranks.requireOne(for: "ltr train --\(auto ? "auto" : "dry-run")") }
    if auto { return try search(source, recipe) }
    let directory = RunDirectory(recipe.output)
    let resumption = resume ? try directory.resumption(from: files.checkpoint) : nil
    // Rejected before reading and embedding, which take minutes.
    if !resume, !dryRun { try directory.check(overwrite: overwrite) }
    var run = try TrainingRun(
      recipe, resumption: resumption, TrainingDisplay(measure: recipe.evaluation.select),
      try join(directory, recipe, resumption))
    if dryRun {
      return try withTemporaryFolder(DryRunFolder.name) { folder in
        try describe(&run, source, in: DryRunFolder(path: folder))
      }
    }
    try run.search { recipe throws(Failure) in try recipe.searched() }
    try run.checkData(acceptsChanges: acceptChangedData)
    try run.requireSameData()
    let setup = try run.setup()
    let text = run.recipe.resolved(from: source)
    switch try run.train(setup, overwrite: overwrite, text: text) {
    case .interrupted(let checkpoint):
      Terminal.say("interrupted; saved \(checkpoint); continue with --resume")
      throw ExitCode(Interruption.exitCode)
    case .finished(let outcome): try show(outcome, setup, directory)
    }
  }

  /// Joins the other processes, if several were started. None has changed the folder until all have
  /// read it and know that their command lines and recipes are the same.
  private func join(
    _ directory: RunDirectory, _ recipe: TrainingRecipe, _ resumption: Resumption?
  ) throws(Failure) -> any Collective {
    let ranks = try Ranks.join(directory)
    var digest = Digest()
    for part in [
      recipe.identity, Program.version, resumption?.checkpoint ?? "",
      "\(overwrite) \(acceptChangedData)",
    ] {
      digest.add(part)
    }
    try ranks.requireSame(Array(digest.hexadecimal.utf8), "the recipe or the options")
    return ranks
  }

  private func search(_ source: RecipeSource, _ recipe: TrainingRecipe) throws {
    let search = TrainSearch(
      source, recipe,
      .init(
        budget: budget.flatMap(Self.seconds), trials: trials, resume: resume, overwrite: overwrite,
        json: json))
    if dryRun {
      return try withTemporaryFolder(DryRunFolder.name) { folder in
        try search.describe(in: DryRunFolder(path: folder))
      }
    }
    guard try search.run() else {
      Terminal.say("interrupted; continue with --resume")
      throw ExitCode(Interruption.exitCode)
    }
  }

  private func show(
    _ outcome: TrainingOutcome, _ setup: TrainingSetup, _ directory: RunDirectory
  ) throws {
    if json {
      let metrics = try TrainingMetrics(outcome, selectedBy: setup.plan.select.description).json()
      return try Terminal.write(String(decoding: metrics, as: UTF8.self))
    }
    for (split, report) in [("dev", outcome.dev), ("test", outcome.test)] {
      guard let report else { continue }
      try Terminal.write("\(split), \(report.queries) queries\n")
      try Terminal.write(TrainingDisplay.table(report) + "\n")
    }
    try Terminal.write("model: \(directory.model)\n")
    if let verdict = outcome.verdict { try Terminal.write(verdict.text + "\n") }
    try Terminal.write("report: \(directory.report)\n")
  }

  private func describe(
    _ run: inout TrainingRun, _ source: RecipeSource, in folder: DryRunFolder
  ) throws(Failure) {
    let began = ContinuousClock.now
    try run.search { recipe throws(Failure) in try recipe.searched(dry: folder) }
    if resume { try run.checkData(acceptsChanges: acceptChangedData) }
    let setup = try run.setup(isDryRun: true)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    if !json { try Terminal.write(setup.recipe.resolved(from: source)) }
    let run = try DryRun(setup, readingSeconds: seconds)
    if json { return try Terminal.write(run.json) }
    for line in run.lines { Terminal.say(line) }
  }
}
