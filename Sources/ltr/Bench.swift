import ArgumentParser
import Benchmarking
import Diagnostics
import Inference
import Models
import Options

/// `ltr bench`.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures throughput on this machine relative to its own rate of matrix products.",
    subcommands: [
      BenchProducts.self, BenchTrain.self, BenchRerank.self, BenchTokenize.self, BenchLoss.self,
    ])
}

/// The options shared by all measurements, so that one command line is valid for all of them.
struct BenchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The model: a Hugging Face directory, an archive that holds one, the directory of a run, a checkpoint, or hf:org/name[@revision] on the hub.",
      valueName: "path"))
  var model: String?

  @OptionGroup var label: LabelOption

  @OptionGroup var prompt: PromptOptions

  @Option(help: ArgumentHelp("The collection.", valueName: "path"))
  var collection: String?

  @OptionGroup var collectionOptions: CollectionOptions

  @Option(help: ArgumentHelp("A run of the collection, for its candidates.", valueName: "file"))
  var run: String?

  @Option(help: "Precision of matrix products.")
  var precision = PrecisionOption.auto

  @Option(help: ArgumentHelp("Number of steps to measure (train, loss).", valueName: "count"))
  var steps = 12

  @Option(help: ArgumentHelp("Number of pairs per step (train, loss).", valueName: "count"))
  var batchPairs = 32

  @Option(
    help: ArgumentHelp(
      "Number of pairs per list; above 1 the loss is softmax (train, loss).", valueName: "count"))
  var listSize = 1

  @Option(
    help: ArgumentHelp(
      "Memory limit of a step, such as '800 MB' (train, loss).", valueName: "amount"))
  var memoryBudget: String?

  @Option(
    help: ArgumentHelp(
      "Layers of which only the input is stored, and which are computed once more (train).",
      valueName: "count"))
  var recomputeLayers: Int?

  @Option(
    help: ArgumentHelp(
      "Train adapters of this rank on all linear layers, and the head, instead of all weights (train).",
      valueName: "rank"))
  var loraRank: Int?

  @Option(help: ArgumentHelp("Number of candidates per query (rerank).", valueName: "count"))
  var depth = 100

  @Option(
    help: ArgumentHelp("The most tokens of a query and a text together.", valueName: "tokens"))
  var maxLength = ModelOptions().maximumLength

  @Option(help: ArgumentHelp("Number of threads; without it, one per core.", valueName: "count"))
  var workers: Int?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    let counts = [
      ("--steps", steps), ("--batch-pairs", batchPairs), ("--depth", depth),
      ("--max-length", maxLength), ("--workers", workers ?? 1), ("--list-size", listSize),
      ("--recompute-layers", recomputeLayers ?? 1), ("--lora-rank", loraRank ?? 1),
    ]
    for (name, count) in counts where count < 1 {
      throw ValidationError("\(name) must be 1 or more.")
    }
    for (name, count) in counts where count > 1_000_000 {
      throw ValidationError("\(name) must be 1,000,000 or less.")
    }
    guard batchPairs % listSize == 0 else {
      throw ValidationError("--batch-pairs must be a multiple of --list-size.")
    }
    if let loraRank, loraRank > 1024 {
      throw ValidationError("--lora-rank must be 1,024 or less.")
    }
    if let memoryBudget, ByteCount(memoryBudget) == nil {
      throw ValidationError("--memory-budget must be an amount such as '800 MB' or '2 GiB'.")
    }
  }

  /// The value of an option that this measurement requires.
  ///
  /// - Throws: `usage` if it was not given.
  func required(_ value: String?, _ name: String) throws(Failure) -> String {
    if let value { return value }
    throw Failure(.usage, "this measurement needs \(name)", remedy: "give \(name)")
  }

  /// Prints a report.
  func write(_ report: BenchReport) throws(Failure) {
    if json { try Terminal.write(report.json) } else { try Terminal.write(report.text()) }
  }

  /// Trains with the options, and measures the steps.
  func trainingMeasurement() throws(Failure) -> TrainingMeasurement {
    let options = TrainingMeasurement.Options(
      steps: steps, batchPairs: batchPairs, listSize: listSize, maximumLength: maxLength,
      precision: try precision.forTraining(), workers: workers,
      memoryBudget: memoryBudget.flatMap { ByteCount($0) }?.bytes,
      layersPerSegment: recomputeLayers)
    let adapters = loraRank.map { rank in
      var plan = AdapterPlan()
      plan.rank = rank
      return plan
    }
    let scoring = try ScoringModel(
      required(model, "--model"), label: label.label, maximumLength: maxLength, prompt: prompt,
      adapters: adapters)
    let texts = try Reading.collection(
      required(collection, "--collection"), collectionOptions.value())
    let found = try TrainingMeasurement(
      scoring.encoder, texts, Reading.run(required(run, "--run")), options)
    try Terminal.check(texts.emptyTexts)
    return found
  }
}
