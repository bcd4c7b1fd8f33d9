import ArgumentParser
import Benchmarking

/// `ltr bench train`.
struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains on shuffled pairs of a run and measures the steps.",
    discussion: """
      The pairs are the first twenty candidates of every query of the run, shuffled; the loss is \
      binary cross-entropy against random labels (in lists: softmax), with dropout and clipping. The \
      first two steps are not measured; the others cover packing, forward, loss, backward and update. \
      The times are shares of the workers' time.
      """)

  @OptionGroup var options: BenchOptions

  func run() throws {
    try options.write(options.trainingMeasurement().report())
  }
}
