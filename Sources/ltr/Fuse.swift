import ArgumentParser
import Corpora
import Diagnostics
import Files
import JSON
import Retrieval

/// `ltr fuse`.
struct Fuse: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fuses runs of the same queries into one.",
    discussion: """
      Reciprocal rank fusion needs no scores that can be compared: a document gets weight / (60 + \
      rank) from each run that has it. The other methods add up scores, on one scale. A query that \
      only some of the runs have is fused from those.

      With --fit, the weights are those that do best on judged queries: non-negative, and taken \
      only where they beat equal weights and the best single run on queries they were not fitted to.
      """)

  @Option(
    name: .customLong("run"), parsing: .singleValue,
    help: ArgumentHelp(
      "A run, TREC's six columns; two or more are given.", valueName: "file"))
  var runs: [String] = []

  @OptionGroup var fusion: FusionArguments

  @OptionGroup var fit: FitArguments

  @Option(help: ArgumentHelp("The most documents of a query to write.", valueName: "count"))
  var depth = 100

  @Option(help: ArgumentHelp("The run to write.", valueName: "file"))
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Print a summary of the fusion as JSON.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(depth) else {
      throw ValidationError("--depth must be 1 to 1000000.")
    }
  }

  func run() throws {
    let given = try checkedWeights()
    let method = try fit.qrels == nil ? fusion.method() : .scores(.zScore)
    try OutputCheck.file(output, overwrite: overwrite)
    var stages: [RunStage] = []
    for path in runs {
      let stage = try RunStage(opening: path)
      Terminal.warn(stage.textFaults)
      stages.append(stage)
    }
    let queries = try queries(of: stages)
    let fitted = try fit.weights(stages, queries)
    let weights = fitted?.weights.weights ?? given
    let fused = try FusedStage(
      zip(stages, weights).map { .init($0, weight: $1) }, by: method, leastDepth: .max)
    let progress = ProgressLine("queries", total: queries.count)
    defer { progress.finish() }
    let counts = try SearchedRun(
      fused, queries, depth: depth, withoutIdenticalIDs: false, tag: fused.name, to: output,
      progress: { progress.show(Double($0)) })
    progress.finish()
    guard json else {
      if let fitted { try Terminal.write(fitted.text(runs)) }
      return
    }
    var summary: [String: JSONValue] = [
      "runs": .whole(runs.count), "queries": .whole(counts.queries),
      "documents": .whole(counts.documents), "depth": .whole(depth),
    ]
    if let fitted { summary["fit"] = fitted.json(runs) }
    try Terminal.write(.object(summary))
  }

  private func checkedWeights() throws(Failure) -> [Double] {
    guard runs.count > 1 else {
      throw Failure(
        .usage, "\(runs.count == 1 ? "only one run is" : "no runs are") given",
        expected: "two or more, each with --run", remedy: "add --run with a further run")
    }
    if let path = runs.firstRepeated {
      throw Failure(
        .usage, "the run '\(path)' is given twice", expected: "different runs",
        remedy: "omit one of them; --weight gives a run more weight")
    }
    try fit.check(fusion)
    return try fusion.weights(of: runs.count, "run")
  }

  /// The queries of all runs, in the order in which they first occur.
  ///
  /// - Throws: `badData` if a run shares no query with the first.
  private func queries(of stages: [RunStage]) throws(Failure) -> [Query] {
    var counts: [String: Int] = [:]
    var order: [String] = []
    let first = Set(stages[0].queries)
    for (path, stage) in zip(runs, stages) {
      let own = stage.queries
      guard own.contains(where: first.contains) else {
        throw Failure(
          .badData, "the run has no query in common with '\(runs[0])'", at: Place(path),
          expected: "runs of the same queries",
          remedy: "check that both are runs of one split, with the same ids")
      }
      for query in own {
        if counts[query] == nil { order.append(query) }
        counts[query, default: 0] += 1
      }
    }
    let partial = counts.values.count { $0 < stages.count }
    if partial > 0 {
      Terminal.say("note: \(partial) of \(order.count) queries are missing from some of the runs")
    }
    return order.map { Query(id: $0, text: "") }
  }
}
