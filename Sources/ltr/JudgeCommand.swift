import ArgumentParser
import Corpora
import Diagnostics
import Files
import Foundation
import JSON
import Judging
import Recipes

/// `ltr judge`.
struct JudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract: "Lets a language model grade the candidates of a run.",
    discussion: """
      The judge is any OpenAI-compatible endpoint, or a file of verdicts. The output folder gets \
      verdicts.jsonl, a line as each verdict comes, and qrels.tsv once every pair is decided. Ctrl-C \
      or a spent budget ends the job; --resume continues it and asks nothing twice. An API key is read \
      from LTR_JUDGE_API_KEY.
      """)

  @Argument(help: ArgumentHelp("The job, a YAML file.", valueName: "job"))
  var job: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Sets one value of the job: budget.requests=1000. May be repeated.",
      valueName: "key.path=value"))
  var overrides: [String] = []

  @Flag(help: "Continue the job in the output folder, or begin one.")
  var resume = false

  @Flag(help: "Replace the job in the output folder.")
  var overwrite = false

  @Flag(help: "Read all inputs, print what would be done, ask nothing and write nothing.")
  var dryRun = false

  @Flag(help: "Print the summary as JSON.")
  var json = false

  func validate() throws {
    if resume, overwrite {
      throw ValidationError("--resume continues a job, --overwrite replaces it: give one.")
    }
  }

  func run() throws {
    let source = try RecipeSource(reading: job, .judging, overrides: overrides)
    do { try run(source) } catch let failure as Failure { throw source.placed(failure) }
  }

  private func run(_ source: RecipeSource) throws {
    let job = try JudgeJob(source)
    let folder = JudgeFolder(job.output)
    let isThere = fileKind(at: folder.log) != nil
    if isThere, !resume, !overwrite, !dryRun {
      throw Failure(
        .cannotCreate, "the folder has the verdicts of a job", at: Place(folder.path),
        remedy: "continue it with '--resume', or replace it with '--overwrite'")
    }
    let collection = try Reading.collection(
      job.collection, CollectionForm(TextEncoding(job.encoding, key: "encoding"), job.table))
    var human: Judgments?
    if let split = job.split { human = try Reading.judgments(of: split, in: collection) }
    let candidates = try Reading.run(job.candidates).prefix(job.depth)
    let pairs = candidates.queries.flatMap { query in
      candidates.documents(of: query).map { JudgedPair(query: query, document: $0.document) }
    }
    let prompt = JudgePrompt(job.judge.prompt, highestGrade: job.judge.highestGrade)
    let run = try JudgeRun(
      collection, pairs, prompt, Judge(job.judge),
      JudgeBudget(requests: job.budget.requests, tokens: job.budget.tokens), folder)
    if dryRun {
      try Terminal.write(job.resolved)
      Terminal.say("\(pairs.count) pairs of \(candidates.queries.count) queries")
      return Terminal.say("would write: \(folder.log) and \(folder.qrels)")
    }
    if overwrite {
      try removeFile(folder.qrels)
      try removeFile(folder.log)
    }
    Interruption.watch()
    let progress = VerdictProgress()
    let (end, summary) = try run.run(job: job.resolved) { done in
      progress.show(done, of: pairs.count)
    } isCancelled: {
      Interruption.isRequested
    }
    try show(summary, end, human, folder)
    switch end {
    case .finished: break
    case .spent:
      throw Failure(
        .unavailable, "the budget is spent with \(summary.openCount) pairs left to judge",
        at: source.place(of: "budget"),
        remedy: "raise it and continue: --resume --set budget.requests=… or budget.tokens=…")
    case .interrupted:
      Terminal.say(
        "interrupted with \(summary.openCount) pairs left; --resume continues with these")
      throw ExitCode(Interruption.exitCode)
    }
  }

  private func show(
    _ summary: JudgeSummary, _ end: JudgeRun.End, _ human: Judgments?, _ folder: JudgeFolder
  ) throws(Failure) {
    let agreement = human.map { summary.agreement(with: $0) }
    if json { return try Terminal.write(summary.json(agreement)) }
    var lines = [
      "pairs: \(summary.pairCount), judged: \(summary.grades.count), left out: "
        + "\(summary.leftOutCount), open: \(summary.openCount)"
    ]
    for (reason, count) in summary.leftOut.sorted(by: { $0.key < $1.key }) {
      lines.append("left out: \(count), \(reason)")
    }
    lines.append("spent: \(summary.requests) requests, \(summary.tokens) tokens")
    lines += agreement?.lines ?? []
    if end == .finished { lines.append("qrels: \(folder.qrels)") }
    for line in lines { try Terminal.write(line + "\n") }
  }
}

/// The progress line, shown from the threads of requests.
private final class VerdictProgress: Sendable {
  /// Says every hundredth pair, so that a log of a long job stays short.
  func show(_ done: Int, of count: Int) {
    if done % 100 == 0 { Terminal.say("judged \(done) of \(count) pairs") }
  }
}

extension Judge {
  /// The judge of a job, with the key of the environment.
  init(_ keys: JudgeKeys) {
    guard let endpoint = keys.endpoint else {
      self = .file(keys.file ?? "")
      return
    }
    var settings = JudgeSettings(endpoint: endpoint, model: keys.model ?? "")
    (settings.maximumTokens, settings.concurrency) = (keys.maximumTokens, keys.concurrency)
    (settings.timeout, settings.retries) = (keys.timeout, keys.retries)
    let key = ProcessInfo.processInfo.environment[JudgeSettings.apiKeyVariable]
    self = .endpoint(settings, key: key?.isEmpty == false ? key : nil)
  }
}
