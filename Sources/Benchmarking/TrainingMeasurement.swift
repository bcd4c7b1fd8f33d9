package import Autodiff
import Batches
package import Corpora
package import Diagnostics
import Lists
package import Models
import Options
import Randomness
import Ranking
import Training

/// A measurement of training steps on shuffled pairs of a run.
package struct TrainingMeasurement {
  /// The settings of the measurement.
  package struct Options: Sendable {
    /// The number of steps; the first two are not counted.
    package var steps: Int
    /// The number of pairs per step, a multiple of `listSize`.
    package var batchPairs: Int
    /// The number of pairs per list; with 1 the loss is binary cross-entropy, above it softmax.
    package var listSize: Int
    /// The maximum number of tokens of a pair.
    package var maximumLength: Int
    /// The precision of products.
    package var precision: Precision
    /// The number of workers; nil for one per core.
    package var workers: Int?
    /// The memory limit of a step, in bytes; nil for no limit.
    package var memoryBudget: Int?
    /// The number of layers of a segment that the backward pass computes once more; nil for none.
    package var layersPerSegment: Int?

    /// These options.
    package init(
      steps: Int, batchPairs: Int, listSize: Int, maximumLength: Int, precision: Precision,
      workers: Int? = nil, memoryBudget: Int? = nil, layersPerSegment: Int? = nil
    ) {
      (self.steps, self.batchPairs, self.listSize) = (steps, batchPairs, listSize)
      (self.maximumLength, self.precision) = (maximumLength, precision)
      (self.workers, self.memoryBudget) = (workers, memoryBudget)
      self.layersPerSegment = layersPerSegment
    }
  }

  /// Steps before the measurement begins.
  private static let uncounted = 2
  /// Candidates per query.
  package static let depth = 20

  private let options: Options
  /// The number of workers.
  package let workers: Int
  /// The seconds of each counted step.
  package private(set) var seconds: [Double] = []
  /// The pairs of the counted steps.
  package private(set) var pairs = 0
  /// The tokens of the counted steps.
  package private(set) var tokens = 0
  /// The floating-point operations of the products of the counted steps.
  package private(set) var operations = 0.0
  private var times = WorkTimes()

  /// Trains a model, modifying it, for the number of steps in the options.
  ///
  /// - Throws: `usage` for too few steps, or a memory budget that is too small; `badData` if texts
  ///   cannot be read or no query of the run is in the collection.
  package init(
    _ model: CrossEncoder, _ collection: Corpora.Collection, _ run: Run, _ options: Options
  ) throws(Failure) {
    guard options.steps > Self.uncounted else {
      throw Failure(.usage, "\(options.steps) steps are too few", expected: "3 or more")
    }
    self.options = options
    let (texts, lists) = try Self.work(model, collection, run.prefix(Self.depth), options)
    let step = TrainingStep(
      model, AdamWOptions(),
      StepOptions(
        precision: options.precision, workers: options.workers,
        sliceTokens: try Self.sliceTokens(model, options),
        layersPerSegment: options.layersPerSegment))
    workers = step.workerCount
    let loss = try Loss(options.listSize == 1 ? "bce" : "softmax")
    // If the run has fewer pairs than the steps need, pairs are used repeatedly.
    let perStep = options.batchPairs / options.listSize
    func fill(_ batch: inout TrainingBatch<PackedBatch>, _ number: Int) {
      let ours = (number * perStep..<(number + 1) * perStep).map { lists[$0 % lists.count] }
      batch.fill(ours, from: texts, maximumLength: options.maximumLength)
    }
    var batch = step.emptyBatch
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

  /// The report, relative to the rate of products that this machine reaches now.
  package func report() -> BenchReport {
    let total = seconds.reduce(0, +)
    let rate = ProductRate.measure(options.precision, workers: workers)
    var report = BenchReport()
    report.add("pairs_per_second", Double(pairs) / total)
    report.add("tokens_per_second", Double(tokens) / total)
    report.add("median_ms", median(seconds) * 1000)
    report.add("achieved_gflops", operations / total / 1e9)
    report.add("gemm_gflops", rate / 1e9)
    report.add("gemm_share", operations / total / rate, digits: 1000)
    report.add(times, wall: total, workers: workers)
    report.add("peak_memory_mb", peakMemory)
    report.add("steps", seconds.count)
    report.add("batch_pairs", options.batchPairs)
    report.add("workers", workers)
    report.add("precision", options.precision.rawValue)
    return report
  }

  /// The maximum number of tokens in a worker's slice under the memory budget; nil without one.
  private static func sliceTokens(
    _ model: CrossEncoder, _ options: Options
  ) throws(Failure) -> Int? {
    guard let budget = options.memoryBudget else { return nil }
    do {
      return try Training.sliceTokens(
        model, options.precision, memoryBudget: budget, workers: options.workers,
        maximumLength: options.maximumLength, layersPerSegment: options.layersPerSegment)
    } catch {
      // Here the budget is an option, not a recipe's.
      var failure = error
      failure.kind = .usage
      throw failure
    }
  }

  /// Lists of pairs in random order, as many as the steps need; the query of a list is that of its
  /// first pair.
  private static func work(
    _ model: CrossEncoder, _ collection: Corpora.Collection, _ run: Run, _ options: Options
  ) throws(Failure) -> (PairTokens, [TrainingList]) {
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
    var tokens = PairTokens(model.tokenizer)
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
