import ArgumentParser
import Corpora
import Diagnostics
import JSON
import Randomness
import Ranking
import RunEvaluation

/// `ltr evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures runs against judgments, as trec_eval does, and compares them.",
    discussion: """
      Queries without judgments are left out. The ceiling is what a perfect reordering of the same \
      candidates would reach. Of several runs, each is compared with a baseline on the queries that \
      both have, by a paired t-test and a paired randomization test, both two-sided, with Holm's \
      correction over the runs compared on one measure. The last line is the verdict on the best \
      of them by the first measure.
      """)

  @Option(
    help: ArgumentHelp("The judgments: TREC qrels or BEIR's three columns.", valueName: "file"))
  var qrels: String?

  @Option(
    name: .customLong("run"), parsing: .upToNextOption,
    help: ArgumentHelp("The runs, TREC's six columns; several may be given.", valueName: "file"))
  var runs: [String] = []

  @Option(
    help: ArgumentHelp(
      "What to measure, separated by whitespace, such as nDCG@10, RR@10, AP, P(rel=2)@10, R@100, Success@1.",
      valueName: "list"))
  var measures = "nDCG@10 RR@10 AP"

  @Flag(help: "List all measures with their parameters.")
  var listMeasures = false

  @Flag(help: "Print the value of every query too.")
  var perQuery = false

  @Flag(
    name: [.short, .long],
    help: "Count judged queries that are missing from a run as 0 (trec_eval's -c).")
  var complete = false

  @Flag(
    help: ArgumentHelp(
      "Remove documents without a judgment from the runs first (trec_eval's -J)."))
  var judgedOnly = false

  @OptionGroup var identicalIDs: IdenticalIDOption

  @Flag(
    help: ArgumentHelp(
      "Print the recall of the first 10, 20, 50 … candidates, and the measures that their best "
        + "order would reach."))
  var ceiling = false

  @Option(
    help: ArgumentHelp(
      "--ceiling at these depths, separated by commas.", valueName: "numbers"))
  var depths: String?

  @Option(
    help: ArgumentHelp(
      "The run that the others are compared with: its file, or the file's name. (default: the "
        + "first)", valueName: "run"))
  var baseline: String?

  @Option(help: "Number of random sign assignments in the randomization test.")
  var draws = 10_000

  @Option(help: "Seed of the randomization test.")
  var seed: UInt64 = 1

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print a table for LaTeX with booktabs.")
  var tex = false

  @Flag(help: "Print tables for Markdown.")
  var markdown = false

  func validate() throws {
    guard seed <= UInt64(Int.max) else {
      throw ValidationError("--seed must be \(Int.max) or less.")
    }
    guard listMeasures || (qrels != nil && !runs.isEmpty) else {
      throw ValidationError("Give --qrels and --run; or give --list-measures.")
    }
  }

  func run() throws {
    try checkOptions()
    guard !listMeasures, let qrels else { return try printMeasures() }
    let measures = try Measure.list(parsing: measures).map { judgedOnly ? $0.judgedOnly : $0 }
    let asked = try depths.map { try Self.numbers($0) }
    let judgments = try Reading.judgments(qrels)
    if let note = judgments.gradeNote(for: measures) { Terminal.say("note: \(note)") }
    let options = EvaluatedRun.Options(
      measures: measures, isComplete: complete, isJudgedOnly: judgedOnly,
      depths: asked ?? (ceiling ? DepthCeiling.standard : []))
    let files = try runs.map { path throws(Failure) in
      try MeasuredRun(
        Reading.run(path, judgments), judgments,
        ignoresIdenticalIDs: identicalIDs.ignoreIdenticalIds, options)
    }
    let results = files.map(\.run)
    let family = try RunFamily(
      results, baseline: baseline, draws: draws, seed: seed, generator: SplitMix64(seed: seed))
    for file in files {
      if let warning = file.warning { Terminal.say("warning: \(warning)") }
      for note in file.notes(complete: complete, option: IdenticalIDOption.name) {
        Terminal.say("note: \(note)")
      }
    }
    for warning in family?.warnings ?? [] { Terminal.say("warning: \(warning)") }
    let verdict = family?.verdict(generator: SplitMix64(seed: seed))
    if json {
      var members: [String: JSONValue] = [
        "runs": .list(results.map { $0.json(perQuery: perQuery) })
      ]
      if let family { members["comparisons"] = family.json }
      if let verdict { members["verdict"] = verdict.json }
      return try Terminal.write(.object(members))
    }
    let report = EvaluationTables(results, family, measures)
    if tex {
      try Terminal.write(report.tex)
    } else if markdown {
      try Terminal.write(report.markdown)
    } else {
      try Terminal.write(report.plain(perQuery: perQuery, isBold: Terminal.isOutputWatched))
      if let verdict { try Terminal.write("\n\(verdict.text)\n") }
    }
  }

  private func checkOptions() throws(Failure) {
    let forms = [("--json", json), ("--tex", tex), ("--markdown", markdown)].filter(\.1).map(\.0)
    if listMeasures, tex || markdown {
      throw Failure(
        .usage, "--list-measures cannot be combined with \(forms[0])",
        expected: "the list as plain text or as JSON", remedy: "omit \(forms[0])")
    }
    if forms.count > 1 {
      throw Failure(
        .usage, "\(forms.joined(separator: " and ")) are different forms of one result",
        expected: "one of --json, --tex and --markdown", remedy: "omit all but one")
    }
    if perQuery, tex || markdown {
      throw Failure(
        .usage, "--per-query cannot be combined with \(forms[0])",
        expected: "values of every query as plain text or as JSON",
        remedy: "omit \(forms[0]), or write --json in its place")
    }
    if draws < 1 {
      throw Failure(.usage, "--draws cannot be \(draws)", expected: "--draws from 1 up")
    }
    if runs.count == 1, let baseline {
      throw Failure(
        .usage,
        "only one run is given, which leaves no run to compare with the baseline "
          + "'\(baseline)'",
        expected: "--run with the baseline and at least one run more",
        remedy: "name all runs, the baseline too, after --run")
    }
  }

  private static func numbers(_ text: String) throws(Failure) -> [Int] {
    var numbers: [Int] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(word), number > 0 else {
        throw Failure(
          .usage, "'\(word)' in --depths is not a depth",
          expected: "integers from 1, separated by commas, such as 10,50,100")
      }
      numbers.append(number)
    }
    return Set(numbers).sorted()
  }

  private func printMeasures() throws {
    guard json else {
      return try Terminal.write(Measures.all.map { "\($0)\n" }.joined())
    }
    try Terminal.write(["measures": .list(Measures.all.map(\.json))])
  }
}
