import ArgumentParser
import Corpora
import Diagnostics
import Files
import Inference
import Options
import Ranking
import Scoring

/// `ltr rerank`.
struct Rerank: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reorders the top of every query of a run by a model's scores.",
    discussion: """
      Documents below the depth are left out. With --fuse, the score of the run is added to the \
      model's: both are normalised over a query's candidates, and the run's has the weight W.
      """)

  @OptionGroup var model: ModelOption

  @OptionGroup var label: LabelOption

  @Option(help: ArgumentHelp("The collection the run's ids belong to.", valueName: "path"))
  var collection: String

  @OptionGroup var collectionOptions: CollectionOptions

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("The run to reorder, TREC's six columns.", valueName: "file"))
  var runFile: String

  @Option(help: ArgumentHelp("Number of documents per query to reorder.", valueName: "count"))
  var depth = 100

  @OptionGroup var identicalIDs: IdenticalIDOption

  @OptionGroup var length: LengthOption

  @OptionGroup var prompt: PromptOptions

  @OptionGroup var longDocuments: LongDocumentOptions

  @OptionGroup var exits: ExitsOption

  @Option(help: "Precision of matrix products.")
  var precision = PrecisionOption.auto

  @Option(
    defaultAsFlag: FusionWeight.ofModel,
    help: ArgumentHelp(
      "Add the run's score with this weight from 0 to 1; without a number, with the weight "
        + "selected in training.",
      valueName: "W"))
  var fuse: FusionWeight?

  @Option(help: ArgumentHelp("The reordered run to write.", valueName: "file"))
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  func validate() throws {
    guard depth > 0 else { throw ValidationError("--depth must be 1 or more.") }
  }

  func run() throws {
    let precision = try precision.forInference()
    let form = try collectionOptions.value()
    try OutputCheck.file(output, overwrite: overwrite)
    let model = try ScoringModel(
      model.model, label: label.label, maximumLength: length.maxLength, prompt: prompt)
    let cascade = try exits.cascade(of: model, at: self.model.model)
    let fusion = try fuse.map { weight throws(Failure) in
      try weight.fusion(model, at: self.model.model)
    }
    let collection = try Reading.collection(collection, form)
    let candidates = try identicalIDs.candidates(of: Reading.run(runFile), depth: depth)
    let resolution = Resolution(of: nil, candidates, in: collection)
    for part in resolution.parts where part.missing > 0 {
      Terminal.say(
        "note: \(part.missing) of \(part.total) \(part.name) not found and left out, such as "
          + part.examples.prefix(3).map { "'\($0)'" }.joined(separator: ", "))
    }
    try resolution.requireQueries()
    let reranker = RunReranker(
      ListScorer(
        PairScorer(model.encoder, precision: precision), maximumLength: model.maximumLength,
        longDocuments: longDocuments.treatment, cascade: cascade), fusion: fusion)
    let result = try reranker.showingProgress(candidates, of: resolution.queries, in: collection)
    try Terminal.check(collection.emptyTexts)
    try identicalIDs.note(candidates, of: resolution.queries, in: collection)
    Terminal.warn(result.equalScores, of: output)
    try result.run.write(to: output)
    result.longDocuments.report()
  }
}

extension RunReranker {
  /// Reorders a run, with a progress line on standard error.
  func showingProgress(
    _ run: Run, of queries: [String], in collection: Collection
  ) throws(Failure) -> Result {
    let total = queries.reduce(0) { $0 + run.documents(of: $1).count }
    let progress = ProgressLine("pairs", total: total)
    defer { progress.finish() }
    return try self(run, of: queries, in: collection) { progress.show($0) }
  }
}

/// The values of `--fuse`.
enum FusionWeight: ExpressibleByArgument, CustomStringConvertible {
  case ofModel
  case number(Double)

  init?(argument: String) {
    guard let number = Double(argument) else { return nil }
    self = .number(number)
  }

  var description: String {
    switch self {
    case .ofModel: "the model's weight"
    case .number(let number): "\(number)"
    }
  }

  /// The requested fusion.
  ///
  /// - Throws: `usage` for a weight out of range, or if the model's own weight is requested and it
  ///   has none.
  func fusion(_ model: ScoringModel, at path: String) throws(Failure) -> Fusion {
    switch self {
    case .number(let weight):
      guard (0...1).contains(weight) else {
        throw Failure(.usage, "the weight \(weight) is out of range", expected: "from 0 to 1")
      }
      return Fusion(weight: weight)
    case .ofModel:
      guard let weight = model.notes.fusionWeight else {
        throw Failure(
          .usage, "this model has no fusion weight", at: Place(path),
          expected: "fusion_weight in ltr.json", remedy: "give a weight: --fuse 0.3")
      }
      Terminal.say("note: the first stage's weight is \(weight)")
      return Fusion(weight: weight)
    }
  }
}
