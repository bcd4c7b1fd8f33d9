import Autodiff
import Batches
import Corpora
import Diagnostics
import Inference
import Lists
import Models
import Options
import Randomness
import Ranking
import Training

/// Training steps on shuffled pairs of a run, measured.
struct TrainingMeasurement {
  /// Steps before the measurement begins.
  private static let uncounted = 2
  /// Candidates a query.
  private static let depth = 20

  let precision: Precision
  let workers: Int
  /// The seconds of each step that counts.
  private(set) var seconds: [Double] = []
  /// The pairs, tokens and floating-point operations of products of these steps.
  private(set) var pairs = 0
  private(set) var tokens = 0
  private(set) var operations = 0.0
  private(set) var times = WorkTimes()

  /// Trains as many steps as the options say.
  init(_ options: BenchOptions) throws(Failure) {
    let precision = try options.precision.forTraining()
    let path = try options.required(options.model, "--model")
    let model = try ScoringModel(
      path, label: options.label.label, maximumLength: options.maxLength)
    guard options.steps > Self.uncounted else {
      throw Failure(.usage, "\(options.steps) steps are too few", expected: "3 or more")
    }
    let (texts, lists) = try Self.work(model, options)
    let step = TrainingStep(
      model.encoder, AdamWOptions(),
      StepOptions(
        precision: precision, workers: options.workers,
        sliceTokens: try Self.sliceTokens(model.encoder, precision, options)))
    self.precision = precision
    workers = step.workerCount
    let loss = try Loss(options.listSize == 1 ? "bce" : "softmax")
    // Where the run has fewer pairs than the steps take, they come round again.
    let perStep = options.batchPairs / options.listSize
    func fill(_ batch: inout TrainingBatch, _ number: Int) {
      let ours = (number * perStep..<(number + 1) * perStep).map { lists[$0 % lists.count] }
      batch.fill(ours, from: texts, maximumLength: options.maxLength)
    }
    var batch = TrainingBatch(workers: step.workerCount)
    var next = batch
    fill(&next, 0)
    let clock = ContinuousClock()
    for number in 0..<options.steps {
      let (before, timesBefore) = (step.productOperations, step.times)
      let time = clock.measure {
        swap(&batch, &next)
        _ = step.accumulate(batch, loss, dropout: .init(seed: 7, step: UInt32(number))) {
          if number + 1 < options.steps { fill(&next, number + 1) }
        }
        _ = step.apply(count: number + 1, rate: 2e-5)
      }
      guard number >= Self.uncounted else { continue }
      seconds.append(time / .seconds(1))
      pairs += batch.pairs
      tokens += batch.tokens
      operations += step.productOperations - before
      times = times + (step.times - timesBefore)
    }
  }

  /// What a memory budget leaves for tokens; nil without one.
  private static func sliceTokens(
    _ model: CrossEncoder, _ precision: Precision, _ options: BenchOptions
  ) throws(Failure) -> Int? {
    guard let budget = options.memoryBudget.flatMap({ ByteCount($0) }) else { return nil }
    do {
      return try Training.sliceTokens(
        model, precision, memoryBudget: budget.bytes, workers: options.workers,
        maximumLength: options.maxLength)
    } catch {
      // Here the budget is an option, not a recipe's.
      var failure = error
      failure.kind = .usage
      throw failure
    }
  }

  /// Lists of pairs: the query is that of the first.
  private static func work(
    _ model: ScoringModel, _ options: BenchOptions
  ) throws(Failure) -> (PairTokens, [TrainingList]) {
    let collection = try Reading.collection(
      options.required(options.collection, "--collection"), options.encoding.value())
    let run = try Reading.run(options.required(options.run, "--run")).prefix(depth)
    let resolution = Resolution(of: nil, run, in: collection)
    try resolution.requireQueries()
    var random = SplitMix64(seed: 7)
    var pairs: [(query: String, document: String)] = []
    for query in resolution.queries {
      for entry in run.documents(of: query)
      where collection.documentIndex(of: entry.document) != nil {
        pairs.append((query, entry.document))
      }
    }
    let used = pairs.shuffled(with: &random).prefix(options.steps * options.batchPairs)
    var tokens = PairTokens(model.encoder.tokenizer)
    var lists: [TrainingList] = []
    for start in stride(from: 0, to: used.count, by: options.listSize) {
      var documents: [Int] = []
      var labels: [Double] = []
      for i in 0..<options.listSize {
        let document = used[(start + i) % used.count].document
        documents.append(tokens.append(document: try collection.document(id: document).content))
        labels.append(Double(random.below(2)))
      }
      let query = tokens.append(query: try collection.query(id: used[start].query).text)
      lists.append(TrainingList(query: query, documents: documents, labels: labels))
    }
    try Terminal.check(collection.emptyTexts)
    return (tokens, lists)
  }
}
