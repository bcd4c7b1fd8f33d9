import ArgumentParser
import Autodiff
import Tensors

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

  @OptionGroup var options: BenchOptions

  func run() throws {
    let found = try TrainingMeasurement(options)
    let total = found.seconds.reduce(0, +)
    let rate = ProductRate.measure(found.precision, workers: found.workers)
    var report = BenchReport()
    report.add("pairs_per_second", Double(found.pairs) / total)
    report.add("tokens_per_second", Double(found.tokens) / total)
    report.add("median_ms", BenchOptions.median(found.seconds) * 1000)
    report.add("achieved_gflops", found.operations / total / 1e9)
    report.add("gemm_gflops", rate / 1e9)
    report.add("gemm_share", found.operations / total / rate, digits: 1000)
    report.add(found.times, wall: total, workers: found.workers)
    report.add("peak_memory_mb", BenchOptions.peakMemory)
    report.add("steps", found.seconds.count)
    report.add("batch_pairs", options.batchPairs)
    report.add("workers", found.workers)
    report.add("precision", found.precision.rawValue)
    try report.write(asJSON: options.json)
  }
}
