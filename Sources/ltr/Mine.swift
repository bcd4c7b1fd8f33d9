import ArgumentParser
import Corpora
import Diagnostics
import Files
import Foundation
import Mining
import Provenance
import Recipes

/// `ltr mine`.
struct Mine: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mines hard negatives as a job specifies.",
    discussion: """
      The output folder gets the files that the job names, job.yaml (every value written out), \
      report.md and report.json, and examples.jsonl. Ctrl-C ends the job between two batches of \
      queries; --resume continues the job, also after a crash, and writes the same bytes as an \
      uninterrupted job. With --shard 1/3, 2/3 and 3/3, parts are mined one after another or on \
      several machines, each in its own folder within the output folder; --merge 3 then merges the \
      parts, again with the same bytes.
      """)

  @Argument(help: ArgumentHelp("The job, a YAML file.", valueName: "job"))
  var job: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Sets one value of the job: sample.count=16. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("The folder to write, in place of the job's.", valueName: "folder"))
  var output: String?

  @Option(help: ArgumentHelp("Mine one part of the queries only.", valueName: "i/n"))
  var shard: String?

  @Option(help: ArgumentHelp("Merge this many mined parts.", valueName: "n"))
  var merge: Int?

  @Flag(help: "Continue the job in the output folder, or begin one.")
  var resume = false

  @Flag(help: "Replace the job in the output folder.")
  var overwrite = false

  @Flag(
    help: ArgumentHelp(
      "Read job, collection and first stage, report every mistake, or print what would be done, with "
        + "time and memory predicted from some queries; write nothing."))
  var dryRun = false

  @Flag(help: "Print the report as JSON.")
  var json = false

  func validate() throws {
    if resume, overwrite {
      throw ValidationError("--resume continues a job, --overwrite replaces it: give one.")
    }
    if merge != nil, shard != nil || resume || dryRun {
      throw ValidationError("--merge cannot be combined with --shard, --resume or --dry-run.")
    }
    if let merge, !(1...100_000).contains(merge) {
      throw ValidationError("--merge must be 1 or more.")
    }
    if let shard, Shard(shard) == nil {
      throw ValidationError("--shard must be a part and the number of parts, such as 1/3.")
    }
  }

  func run() throws {
    let source = try RecipeSource(reading: job, .job, overrides: overrides)
    do {
      try run(source)
    } catch let failure as Failure {
      throw dryRun ? InputProblems.all(in: source, beside: failure) : source.placed(failure)
    }
  }

  private func run(_ source: RecipeSource) throws {
    var job = try MiningJob(source)
    if let output { job.output.folder = output }
    let resolved = job.resolved(from: source)
    var output = MiningOutput(job, resolved)
    if let merge {
      return try show(mergeShards(of: output, count: merge, overwrite: overwrite), output.folder)
    }
    let shard = shard.flatMap { Shard($0) } ?? .whole
    let folder = MiningFolder(shard.folder(in: output.folder.path))
    // Rejected before indexes are opened, which takes minutes.
    if !resume, !dryRun, !overwrite { try folder.requireFree() }
    if dryRun {
      return try withTemporaryFolder(DryRunFolder.name) { folder in
        let began = ContinuousClock.now
        let miner = try Miner(job, dry: DryRunFolder(path: folder))
        try miner.collection.emptyTexts.requireTexts()
        let run = MiningRun(miner, to: output, shard: shard)
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        try describe(resolved, job, miner, run, readingSeconds: seconds)
      }
    }
    let miner = try Miner(job)
    try miner.collection.emptyTexts.requireTexts()
    output.data = DataChecksums.texts(ofCollection: job.collection)
    let run = MiningRun(miner, to: output, shard: shard)
    Interruption.watch()
    switch try mine(run) {
    case .interrupted(let done):
      Terminal.say(
        "interrupted after \(done) of \(run.queryCount) queries; --resume continues with the rest")
      throw ExitCode(Interruption.exitCode)
    case .finished(let report):
      Terminal.warn(run.emptyTexts)
      try show(report, folder)
    }
  }

  /// The progress counts from the start of this run, so that it shows this run's rate.
  private func mine(_ run: MiningRun) throws(Failure) -> MiningRun.End {
    var progress: (line: ProgressLine, start: Int)?
    defer { progress?.line.finish() }
    return try run.run(resumes: resume, overwrites: overwrite) { done, start in
      let current = progress ?? (ProgressLine("queries", total: run.queryCount - start), start)
      progress = current
      current.line.show(Double(done - current.start))
    } isCancelled: {
      Interruption.isRequested
    }
  }

  private func show(_ report: MiningReport, _ folder: MiningFolder) throws(Failure) {
    if let count = report.queries.amongCandidates, count > 0 {
      Terminal.say(
        "note: \(count) of \(report.queries.judged) queries are among their own candidates, as a "
          + "document with the query's id and words; 'exclude.ignore_identical_ids: true' "
          + "excludes that document"
      )
    }
    if json { return try Terminal.write(report.json()) }
    for line in report.summary { try Terminal.write(line + "\n") }
    try Terminal.write("report: \(folder.report)\n")
  }

  private func describe(
    _ resolved: String, _ job: MiningJob, _ miner: Miner, _ run: MiningRun,
    readingSeconds: Double
  ) throws(Failure) {
    try Terminal.write(resolved)
    Terminal.say(
      "\(miner.queryCount) judged queries of \(job.split), \(run.queryCount) of them in this part; "
        + "\(miner.collection.documentCount) documents")
    for source in miner.sources {
      Terminal.say("first stage: \(source.stage.name), \(source.depth) candidates a query")
    }
    let forecast = try MiningForecast(
      miner, count: run.queryCount, batch: job.output.batch, reading: readingSeconds)
    Terminal.say("predicted time: \(ProgressLine.duration(forecast.seconds))")
    Terminal.say("predicted peak memory: \(Int(forecast.peakMemory.rounded())) MB")
    Terminal.say("would write: \(run.path)")
  }
}
