import Autodiff
import Diagnostics
import Models
import Tensors

extension TrainingPlan {
  /// How steps of this plan work with a model.
  ///
  /// - Throws: `Failure` where the memory budget does not hold the model and one sequence.
  func stepOptions(_ model: CrossEncoder) throws(Failure) -> StepOptions {
    var options = StepOptions(precision: precision, workers: workers, frozen: frozen)
    guard let memoryBudget else { return options }
    let workers = options.workers ?? Workers.cores
    let fixed = Self.fixedBytes(model, precision, workers: workers)
    let perToken = model.configuration.activationBytes(precision)
    let least = fixed + workers * perToken * maximumLength
    guard memoryBudget >= least else {
      let megabytes = (least + 999_999) / 1_000_000
      throw Failure(
        .badRecipe,
        "a memory budget of \(memoryBudget / 1_000_000) MB does not hold this model and one sequence a worker",
        at: Place("", key: "training.memory_budget"),
        expected: "at least \(megabytes) MB with \(workers) workers and \(maximumLength) tokens",
        remedy: "raise 'memory_budget', or lower 'workers' or 'max_length'")
    }
    options.sliceTokens = (memoryBudget - fixed) / (workers * perToken)
    return options
  }

  /// Weights and their two averages, one buffer of gradients a worker, and the rounded weights.
  private static func fixedBytes(
    _ model: CrossEncoder, _ precision: Precision, workers: Int
  ) -> Int {
    let count = model.parameters.table.count
    return count * (4 * (3 + workers) + (precision == .bf16 ? 2 : 0))
  }
}
