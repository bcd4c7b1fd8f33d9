import ArgumentParser
import Diagnostics
import Files
import Foundation
import JSON
import Randomness
import Ranking
import Recipes
import Reports
import RunEvaluation
import Tables
import Training

/// `ltr compare`.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares training runs: recipes, curves, measures and significance.",
    discussion: """
      Each RUN is the folder of a training run, or a run file (TREC's six columns) together with \
      --qrels. The others are compared with the first, or with --baseline, on the queries that both \
      have, by the tests of 'ltr evaluate': paired t-test and paired randomization test, two-sided, \
      with Holm's correction over the runs compared on one measure. Curves are in the page that \
      --html writes.
      """)

  @Argument(help: ArgumentHelp("Folders of runs, or run files; two or more.", valueName: "run"))
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "Which order of a training run's candidates counts: 'model', 'fused', 'first stage' or "
        + "'bi-encoder'.", valueName: "name"))
  var order = RankingEvaluator.Order.model

  @Option(
    help: ArgumentHelp(
      "The split of the training runs: dev or test. (default: test if all have it)",
      valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("The judgments for run files.", valueName: "file"))
  var qrels: String?

  @Option(
    help: ArgumentHelp(
      "What to measure, separated by whitespace. (default: the measures of the first training run)",
      valueName: "list"))
  var measures: String?

  @Option(
    help: ArgumentHelp(
      "The run that the others are compared with. (default: the first)", valueName: "run"))
  var baseline: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: ArgumentHelp("Write a page of HTML with the curves.", valueName: "file"))
  var html: String?

  @Flag(help: "Replace the file of --html.")
  var overwrite = false

  func validate() throws {
    guard paths.count > 1 else {
      throw ValidationError("Name two or more runs: a comparison of one says nothing.")
    }
  }

  func run() throws {
    if let html { try OutputCheck.file(html, overwrite: overwrite) }
    let runs = try paths.map { path throws(Failure) in try ComparedRun(path) }
    var report = ComparisonReport(runs.map { .init(name: $0.path, history: $0.history) })
    report.differences = TrainingRecipe.differences(runs.map(\.recipe)).filter {
      $0.key != "output"
    }.map { .init(key: $0.key, values: $0.values) }
    try measure(runs, &report)
    for note in report.notes { Terminal.say("warning: \(note)") }
    if json {
      try Terminal.write(report.json)
    } else {
      try Terminal.write(report.text)
    }
    if let html {
      try writeAtomically(try report.html(), to: html)
      Terminal.say("page: \(html)")
    }
  }

  /// Measures those runs that hold scores.
  private func measure(_ runs: [ComparedRun], _ report: inout ComparisonReport) throws(Failure) {
    let scored = runs.filter { $0.scores != nil || $0.isFile }
    for run in runs where run.scores == nil && !run.isFile {
      report.notes.append(
        "\(run.path) holds no scores (scores.jsonl), as runs that have not ended and those of earlier "
          + "versions, and is not measured")
    }
    guard !scored.isEmpty else { return }
    let splits = scored.compactMap(\.scores?.splits)
    let split = split ?? (splits.allSatisfy { $0.contains("test") } ? "test" : "dev")
    let names =
      measures ?? scored.lazy.compactMap { $0.scores?.measures }.first?
      .joined(separator: " ") ?? "nDCG@10 RR@10 AP"
    let options = EvaluatedRun.Options(
      measures: try Measure.list(parsing: names), isComplete: false, isJudgedOnly: false,
      depths: [])
    var evaluated: [EvaluatedRun] = []
    for run in scored {
      evaluated.append(try run.evaluated(split, by: order, qrels: qrels, options))
    }
    report.evaluated = evaluated
    report.measuredOn = splits.isEmpty ? qrels ?? "" : "\(split), by \(order)"
    let seed: UInt64 = 1
    report.family = try RunFamily(
      evaluated, baseline: baseline, draws: 10_000, seed: seed, generator: SplitMix64(seed: seed))
    report.notes += report.family?.warnings ?? []
  }
}

/// A run as `ltr compare` reads it.
private struct ComparedRun {
  let path: String
  /// Whether it is a run file.
  let isFile: Bool
  var history: RunHistory?
  var recipe: TrainingRecipe?
  var scores: RunScores?

  init(_ path: String) throws(Failure) {
    self.path = path
    isFile = fileKind(at: path) != .folder
    if isFile { return }
    let directory = RunDirectory(path)
    guard fileKind(at: directory.log) == .file || fileKind(at: directory.recipe) == .file else {
      throw Failure(
        .missingInput, "the folder is not that of a run", at: Place(path),
        expected: "recipe.yaml and log.jsonl, as 'ltr train' writes them, or a run file",
        remedy: "name the folder that the recipe calls 'output'")
    }
    if fileKind(at: directory.log) == .file {
      history = RunHistory(log: try readFile(directory.log).array)
    }
    if fileKind(at: directory.recipe) == .file {
      recipe = try TrainingRecipe(reading: directory.recipe, overrides: [], output: nil)
    }
    if fileKind(at: directory.scores) == .file { scores = try RunScores(reading: directory.scores) }
  }

  func evaluated(
    _ split: String, by order: String, qrels: String?, _ options: EvaluatedRun.Options
  ) throws(Failure) -> EvaluatedRun {
    guard let scores else {
      guard let qrels else {
        throw Failure(
          .usage, "a run file needs judgments", at: Place(path), expected: "--qrels with a file",
          remedy: "add --qrels, or name the folder of a training run")
      }
      let judgments = try Reading.judgments(qrels)
      return try MeasuredRun(
        Reading.run(path, judgments), judgments, ignoresIdenticalIDs: false, options
      ).run
    }
    guard scores.splits.contains(split) else {
      throw Failure(
        .usage, "the run has no scores of the split '\(split)'", at: Place(path),
        expected: "one of \(scores.splits.joined(separator: ", "))", remedy: "give another --split")
    }
    guard scores.orders(split).contains(order) else {
      throw Failure(
        .usage, "the run has no order '\(order)'", at: Place(path),
        expected: "one of \(scores.orders(split).joined(separator: ", "))",
        remedy: "give another --order")
    }
    return try scores.evaluated(split, by: order, name: path, options)
  }
}

extension ComparisonReport {
  /// Differences and measures as plain tables.
  fileprivate var text: String {
    var parts: [String] = []
    if !differences.isEmpty {
      let names = runs.map { plainText($0.name) }
      let all = differences.map {
        (key: plainText($0.key), values: $0.values.map { plainText($0 ?? "-") })
      }
      // A value that is long, such as a loss with its options, would make every line of a table long.
      let long = all.filter { $0.values.contains { $0.count > 30 } }
      let rows = all.filter { row in !long.contains { $0.key == row.key } }
      if !rows.isEmpty {
        parts.append(alignedColumns([["recipe"] + names] + rows.map { [$0.key] + $0.values }))
      }
      for (key, values) in long {
        parts.append(
          key + "\n" + zip(names, values).map { "  \($0): \($1)\n" }.joined())
      }
    }
    if let measures = evaluated.first?.evaluation.measures {
      parts.append(
        measuredOn + "\n"
          + EvaluationTables(evaluated, family, measures).plain(
            perQuery: false, isBold: Terminal.isOutputWatched))
    }
    return parts.isEmpty
      ? "The recipes do not differ, and no run holds scores.\n"
      : parts.joined(separator: "\n")
  }

  fileprivate var json: JSONValue {
    [
      "recipes": .list(
        differences.map { difference in
          [
            "key": .text(difference.key),
            "values": .list(difference.values.map { $0.map(JSONValue.text) ?? .null }),
          ]
        }),
      "measured_on": .text(measuredOn),
      "runs": .list(evaluated.map { $0.json(perQuery: false) }),
      "comparisons": family?.json ?? .list([]),
      "curves": .list(
        runs.map { run in
          [
            "run": .text(run.name),
            "evaluations": .list(
              (run.history?.evaluations ?? []).map { evaluation in
                [
                  "step": .whole(evaluation.total), "split": .text(evaluation.split),
                  "orders": .object(
                    evaluation.orders.mapValues { .object($0.mapValues(JSONValue.number)) }),
                ]
              }),
          ]
        }),
    ]
  }
}
