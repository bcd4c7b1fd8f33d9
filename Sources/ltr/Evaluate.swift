import ArgumentParser
import Collections
import Diagnostics
import Export
import Ranking

/// `ltr evaluate`.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures runs against judgments, as trec_eval does.",
    discussion: """
      Queries without judgments are left out. The ceiling is what a perfect reordering of the same \
      candidates would reach.
      """)

  @Option(
    help: ArgumentHelp("The judgments: TREC qrels or BEIR's three columns.", valueName: "file"))
  var qrels: String

  @Option(
    name: .customLong("run"), parsing: .upToNextOption,
    help: ArgumentHelp("The runs, TREC's six columns; several may be given.", valueName: "file"))
  var runs: [String]

  @Option(
    help: ArgumentHelp(
      "What to measure, split by blanks, such as nDCG@10, RR@10, AP, P(rel=2)@10, R@100, Success@1.",
      valueName: "list"))
  var measures = "nDCG@10 RR@10 AP"

  @Flag(help: "Print the value of every query too.")
  var perQuery = false

  @Flag(
    name: [.short, .long],
    help: "Count judged queries that a run has nothing for, as 0 (trec_eval's -c).")
  var complete = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let measures = try Measure.list(parsing: measures)
    guard !runs.isEmpty else { throw ValidationError("Name at least one file after --run.") }
    let judgments = try Judgments(opening: qrels)
    let grades = Dictionary(
      judgments.queries.map { ($0, judgments.grades(of: $0)) }, uniquingKeysWith: { a, _ in a })
    var results: [EvaluatedRun] = []
    for path in runs {
      let run = try Run(opening: path)
      let ranked = Dictionary(
        run.queries.map { query in
          (query, run.documents(of: query).map { ($0.document, $0.score) })
        }, uniquingKeysWith: { a, _ in a })
      do throws(Failure) {
        results.append(
          EvaluatedRun(
            name: path,
            evaluation: try evaluate(
              run: ranked, judgments: grades, measures: measures, complete: complete),
            ceiling: try ceiling(
              run: ranked, judgments: grades, measures: measures, complete: complete)))
      } catch {
        var failure = error
        failure.place = failure.place ?? Place(path)
        throw failure
      }
    }
    for result in results { result.sayWhatIsLeftOut(complete: complete) }
    if json {
      try Terminal.write(["runs": .list(results.map { $0.json(perQuery: perQuery) })])
    } else {
      try Terminal.write(EvaluatedRun.table(results, measures, perQuery: perQuery))
    }
  }
}
