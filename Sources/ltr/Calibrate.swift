import ArgumentParser
import Corpora
import Diagnostics
import Files
import Inference
import JSON
import Options
import Ranking
import Scoring
import ModelFiles

/// `ltr calibrate`.
struct Calibrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fits a calibration that maps a model's scores to probabilities of relevance.",
    discussion: """
      The model scores the candidates of a run, and Platt's method fits a slope and an intercept to the \
      judgments of a split: the sigmoid of slope · score + intercept is then the probability that a \
      candidate is relevant. It is valid for candidates of this first stage and depth. Use a split that \
      the model was not trained on, such as dev. Documents without a judgment count as not relevant.

      The model is not changed; ltr export --calibration adds the calibration to a bundle.
      """)

  @OptionGroup var model: ModelOption

  @OptionGroup var label: LabelOption

  @Option(help: ArgumentHelp("The collection the run's ids belong to.", valueName: "path"))
  var collection: String

  @OptionGroup var collectionOptions: CollectionOptions

  @Option(help: ArgumentHelp("The split with the judgments.", valueName: "name"))
  var split = "dev"

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The first stage's candidates, TREC's six columns.", valueName: "file"))
  var runFile: String

  @Option(help: ArgumentHelp("Number of candidates per query to score.", valueName: "count"))
  var depth = 100

  @OptionGroup var identicalIDs: IdenticalIDOption

  @Option(help: ArgumentHelp("The grade from which a document is relevant.", valueName: "grade"))
  var grade = 1.0

  @Flag(help: "Leave out candidates without a judgment.")
  var judgedOnly = false

  @OptionGroup var length: LengthOption

  @OptionGroup var prompt: PromptOptions

  @Option(help: "Precision of matrix products.")
  var precision = PrecisionOption.f32

  @Option(help: ArgumentHelp("The calibration file to write, JSON.", valueName: "file"))
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Flag(help: "Print the calibration as JSON.")
  var json = false

  func validate() throws {
    guard depth > 0 else { throw ValidationError("--depth must be 1 or more.") }
    guard grade > 0, grade.isFinite else { throw ValidationError("--grade must be above 0.") }
  }

  func run() throws {
    let precision = try precision.forInference()
    let form = try collectionOptions.value()
    try OutputCheck.file(output, overwrite: overwrite)
    let model = try ScoringModel(
      model.model, label: label.label, maximumLength: length.maxLength, prompt: prompt)
    let collection = try Reading.collection(collection, form)
    let judgments = try Reading.judgments(of: split, in: collection)
    let candidates = try identicalIDs.candidates(of: Reading.run(runFile), depth: depth)
    let resolution = Resolution(of: judgments, candidates, in: collection)
    try resolution.requireQueries()
    let reranker = RunReranker(
      ListScorer(
        PairScorer(model.encoder, precision: precision), maximumLength: model.maximumLength),
      fusion: nil)
    let reranked = try reranker.showingProgress(candidates, of: resolution.queries, in: collection)
    try Terminal.check(collection.emptyTexts)
    try identicalIDs.note(candidates, of: resolution.queries, in: collection)
    Terminal.warn(reranked.equalScores, of: runFile)
    let calibration = try Calibration(
      reranked.run, judgments, judgedOnly: judgedOnly, relevantFrom: grade)
    var source: [String: JSONValue] = [
      "collection": .text(self.collection), "split": .text(split), "run": .text(runFile),
      "depth": .whole(depth), "judged_only": .flag(judgedOnly),
      "max_length": .whole(model.maximumLength),
    ]
    if identicalIDs.ignoreIdenticalIds { source["ignore_identical_ids"] = .flag(true) }
    let file = CalibrationFile(calibration, of: model.encoder, source: source)
    try writeAtomically(try file.json.json(isPretty: true) + "\n", to: output)
    if calibration.platt.slope <= 0 {
      Terminal.say("warning: relevant candidates do not score higher than non-relevant candidates")
    }
    if json {
      try Terminal.write(file.json)
    } else {
      try Terminal.write(calibration.text)
    }
  }
}
