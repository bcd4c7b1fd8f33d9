import ArgumentParser
import Autodiff
import Collections
import Diagnostics
import Randomness
import Ranking
import Recipes
import Scoring
import Tensors
import Training

/// `ltr bench train`.
struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains on shuffled pairs of a run and measures the steps.",
    discussion: """
      The pairs are the first twenty candidates of every query of the run, shuffled; the loss is \
      binary cross-entropy against random labels (in lists: softmax), with dropout and clipping. The \
      first two steps are not counted; what is counted is packing, forward, loss, backward and update. \
      The times are shares of the workers' time.
      """)

  /// Steps before the measurement begins.
  private static let uncounted = 2
  /// Candidates a query.
  private static let depth = 20

  @OptionGroup var options: BenchOptions

  func run() throws {
    let precision = try options.precision.forTraining()
    let path = try options.required(options.model, "--model")
    let model = try ScoringModel(path, maximumLength: options.maxLength)
    guard options.steps > Self.uncounted else {
      throw Failure(.usage, "\(options.steps) steps are too few", expected: "3 or more")
    }
    let (tokens, lists) = try work(model)
    let step = TrainingStep(
      model.encoder, AdamWOptions(),
      StepOptions(
        precision: precision, workers: options.workers,
        sliceTokens: try options.memoryBudget.flatMap(ByteCount.init).map {
          (budget) throws(Failure) in
          try sliceTokens(
            model.encoder, precision, memoryBudget: budget.bytes, workers: options.workers,
            maximumLength: options.maxLength)
        }))
    let loss = try Loss(options.listSize == 1 ? "bce" : "softmax")
    // Where the run has fewer pairs than the steps take, they come round again.
    let perStep = options.batchPairs / options.listSize
    func fill(_ batch: inout TrainingBatch, _ number: Int) {
      let ours = (number * perStep..<(number + 1) * perStep).map { lists[$0 % lists.count] }
      batch.fill(ours, from: tokens, maximumLength: options.maxLength)
    }
    var batch = TrainingBatch(workers: step.workerCount)
    var next = batch
    fill(&next, 0)
    let clock = ContinuousClock()
    var seconds: [Double] = []
    var (pairs, realTokens, products) = (0, 0, 0.0)
    var times = WorkTimes()
    for number in 0..<options.steps {
      let (before, timesBefore) = (step.productOperations, step.times)
      let time = clock.measure {
        swap(&batch, &next)
        _ = step.accumulate(batch, loss, dropout: .init(seed: 7, step: UInt32(number))) {
          fill(&next, number + 1)
        }
        _ = step.apply(count: number + 1, rate: 2e-5)
      }
      guard number >= Self.uncounted else { continue }
      seconds.append(time / .seconds(1))
      pairs += batch.pairs
      realTokens += batch.tokens
      products += step.productOperations - before
      times = times + (step.times - timesBefore)
    }
    let total = seconds.reduce(0, +)
    let rate = ProductRate.measure(precision, workers: step.workerCount)
    var report = BenchReport()
    report.add("pairs_per_second", Double(pairs) / total)
    report.add("tokens_per_second", Double(realTokens) / total)
    report.add("median_ms", BenchOptions.median(seconds) * 1000)
    report.add("achieved_gflops", products / total / 1e9)
    report.add("gemm_gflops", rate / 1e9)
    report.add("gemm_share", products / total / rate, digits: 1000)
    report.add(times, wall: total, workers: step.workerCount)
    report.add("peak_memory_mb", BenchOptions.peakMemory)
    report.add("steps", seconds.count)
    report.add("batch_pairs", options.batchPairs)
    report.add("workers", step.workerCount)
    report.add("precision", precision.rawValue)
    try report.write(asJSON: options.json)
  }

  /// Lists of pairs: the query is that of the first.
  private func work(_ model: ScoringModel) throws(Failure) -> (PairTokens, [TrainingList]) {
    let collection = try Collection(
      opening: try options.required(options.collection, "--collection"))
    let run = try Run(opening: try options.required(options.run, "--run")).prefix(Self.depth)
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
    return (tokens, lists)
  }
}
