import ArgumentParser
import Autodiff
import Collections
import Diagnostics
import Randomness
import Ranking
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
      binary cross-entropy against random labels, with dropout and clipping. The first two steps are \
      not counted; what is counted is packing, forward, loss, backward and update.
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
      StepOptions(precision: precision, workers: options.workers))
    let loss = try Loss("bce")
    var batch = TrainingBatch(workers: step.workerCount)
    let clock = ContinuousClock()
    var seconds: [Double] = []
    var (pairs, realTokens, products) = (0, 0, 0.0)
    var times = WorkTimes()
    for number in 0..<options.steps {
      // Where the run has fewer pairs than the steps take, they come round again.
      let start = number * options.batchPairs
      let ours = (start..<start + options.batchPairs).map { lists[$0 % lists.count] }
      let (before, timesBefore) = (step.productOperations, step.times)
      let time = clock.measure {
        batch.fill(ours, from: tokens, maximumLength: options.maxLength)
        _ = step.accumulate(batch, loss, dropout: .init(seed: 7, step: UInt32(number)))
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

  /// Every pair as a list of one.
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
    for (query, document) in used {
      let label = Double(random.below(2))
      lists.append(
        TrainingList(
          query: tokens.append(query: try collection.query(id: query).text),
          documents: [
            tokens.append(document: try collection.document(id: document).content)
          ], labels: [label]))
    }
    return (tokens, lists)
  }
}
