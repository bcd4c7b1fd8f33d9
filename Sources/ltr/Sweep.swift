import ArgumentParser
import Diagnostics
import Files
import JSON
import Recipes
import Reports
import Tables

/// `ltr sweep`.
struct Sweep: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Trains a recipe many times with other values of some keys, and compares the runs.",
    discussion: """
      'ltr sweep recipe.yaml' trains the runs, 'ltr sweep report FOLDER' shows what has been trained.
      """,
    subcommands: [SweepTrain.self, SweepShow.self], defaultSubcommand: SweepTrain.self)
}

/// `ltr sweep train`, which is `ltr sweep` with a recipe.
struct SweepTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains the runs of a recipe's section 'sweep', one after the other.",
    discussion: """
      Each run writes a folder of its own in FOLDER/runs, as 'ltr train' does. The runs are compared on \
      data.dev; none of them reads data.test, on which only the chosen one is measured at the end. The \
      sweep's folder gets results.json, sweep.html, test.json and the link 'chosen'. Ctrl-C ends the \
      sweep with a checkpoint; --resume continues it, also after a crash, and trains no finished run \
      again. With --shard 1/3, 2/3 and 3/3, parts are trained on several machines; 'ltr sweep report \
      --test FOLDER…' then puts them together.
      """)

  /// The most runs that are trained without --yes.
  static let mostRuns = 50

  @Argument(
    help: ArgumentHelp("The recipe, a YAML file with a section 'sweep'.", valueName: "recipe"))
  var recipe: String

  @OptionGroup var changes: RecipeChanges

  @Option(
    help: ArgumentHelp(
      "Train one part of the runs only; the folder may be shared with other parts.",
      valueName: "i/n"))
  var shard: String?

  @Flag(help: "Continue the sweep in the output folder.")
  var resume = false

  @Flag(help: "With --resume, train runs again that ended with an error.")
  var retry = false

  @Flag(help: "Replace the sweep in the output folder.")
  var overwrite = false

  @Flag(help: "Train more than 50 runs.")
  var yes = false

  @Flag(help: "Read recipes, model and data, list the runs with their time, and write nothing.")
  var dryRun = false

  @Flag(help: "Print the results as JSON.")
  var json = false

  func validate() throws {
    if resume, overwrite {
      throw ValidationError("--resume continues a sweep, --overwrite replaces it: give one.")
    }
    if retry, !resume { throw ValidationError("--retry applies only with --resume.") }
    if overwrite, shard != nil {
      throw ValidationError(
        "--overwrite would remove the runs of the other parts: remove the folder first.")
    }
    if let shard, SweepShard(shard) == nil {
      throw ValidationError(
        "--shard must be a part, from 1, and the number of parts, such as 1/3; '\(shard)' is not.")
    }
  }

  func run() throws {
    let source = try RecipeSource(reading: recipe, .recipe, overrides: changes.overrides) {
      Terminal.say("note: \($0)")
    }
    do {
      try run(source)
    } catch let failure as Failure {
      throw dryRun ? InputProblems.all(in: source, beside: failure) : source.placed(failure)
    }
  }

  private func run(_ source: RecipeSource) throws {
    let shard = shard.flatMap { SweepShard($0) } ?? .whole
    let plan = try SweepPlan(source, most: yes || dryRun ? nil : Self.mostRuns)
    let folder = SweepFolder(changes.output ?? plan.recipe.output)
    if dryRun {
      return try withTemporaryFolder(DryRunFolder.name) { temporary in
        try describe(plan, shard, folder, in: DryRunFolder(path: temporary))
      }
    }
    // A part joins a sweep that another one began.
    try folder.check(joins: resume || shard != .whole, overwrite: overwrite)
    try folder.open(plan, overwrite: overwrite)
    var training = SweepTraining(plan, in: folder, shard, retriesFailed: retry)
    let isDone = try training.run()
    var report = try SweepReport([folder])
    if isDone, shard == .whole {
      if report.runs.allSatisfy({ $0.state != .finished }), let problem = report.firstError {
        throw Failure(
          .badData, "all runs failed, the first one with: \(problem)", at: Place(folder.path),
          expected: "a run that ends with a model",
          remedy: "look at the messages of the runs, correct the recipe, and give --overwrite")
      }
      try report.measureTest(in: folder)
    }
    try report.finish(in: folder, json: json)
    guard isDone else { throw ExitCode(Interruption.exitCode) }
    if !report.isComplete, !json {
      Terminal.say(
        "\(report.progress); when all are, 'ltr sweep report --test' with the folders of all parts "
          + "compares them and measures the chosen one on test")
    }
  }

  private func describe(
    _ plan: SweepPlan, _ shard: SweepShard, _ folder: SweepFolder, in temporary: DryRunFolder
  ) throws(Failure) {
    let own = plan.runs.enumerated().filter { shard.contains($0.offset) }.map(\.element)
    if !json {
      let rows = own.map { [$0.name] + plan.settings[$0.setting].values.map(SweepReport.short) }
      try Terminal.write(alignedColumns([["run"] + plan.keys] + rows))
      Terminal.say(
        "\(plan.settings.count) settings, \(plan.seeds.count) "
          + "\(plan.seeds.count == 1 ? "seed" : "seeds"): \(plan.runs.count) runs"
          + (shard == .whole ? "" : ", \(own.count) of them in this part"))
    }
    let forecast = try SweepForecast(own, of: plan, output: folder.path, in: temporary)
    guard json else {
      for line in forecast.lines(runs: own.count) { Terminal.say(line) }
      return Terminal.say("nothing was written")
    }
    try Terminal.write([
      "keys": .list(plan.keys.map(JSONValue.text)),
      "seconds": forecast.seconds.map(JSONValue.number) ?? .null,
      "peak_memory_mb": .whole(forecast.peakMemory / 1_048_576),
      "runs": .list(own.map { json(of: $0, plan) }),
    ])
  }

  private func json(of run: SweepPlan.Run, _ plan: SweepPlan) -> JSONValue {
    let setting = plan.settings[run.setting]
    return [
      "name": .text(run.name), "setting": .text(setting.name),
      "seed": .whole(Int(clamping: run.seed)),
      "values": .object(
        Dictionary(
          zip(plan.keys, setting.values.map(JSONValue.text)),
          uniquingKeysWith: { first, _ in first })),
    ]
  }
}

/// `ltr sweep report`.
struct SweepShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Compares the runs of a sweep, and writes its report.",
    discussion: """
      Several folders are the parts of one sweep, trained on machines that share no disk; results and \
      report are written into the first one. Test is looked at only with --test, only for the run that \
      dev has chosen when all runs have ended, and only once: the result is kept.
      """)

  @Argument(help: ArgumentHelp("The sweep's folder, or those of its parts.", valueName: "folder"))
  var paths: [String]

  @Flag(help: "Measure the chosen run on data.test, if that has not been done.")
  var test = false

  @Flag(help: "Print the results as JSON.")
  var json = false

  func run() throws {
    let folders = paths.map { SweepFolder($0) }
    var report = try SweepReport(folders)
    if test {
      guard report.isComplete else {
        throw Failure(
          .missingInput, "test is not looked at before dev has chosen: \(report.progress)",
          at: Place(folders[0].path), expected: "all runs, in one folder or several",
          remedy: "train the others with 'ltr sweep RECIPE --resume', or name the folders of all "
            + "parts")
      }
      try report.measureTest(in: folders[0])
    }
    try report.finish(in: folders[0], json: json)
  }
}

extension SweepReport {
  /// The error of the first run that failed.
  fileprivate var firstError: String? {
    runs.lazy.compactMap { if case .failed(let problem) = $0.state { problem } else { nil } }.first
  }
}
