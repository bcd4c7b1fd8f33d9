public import Autodiff
public import Diagnostics
public import Models
import Tensors

extension TrainingPlan {
  /// The options of training steps of this plan for a model.
  ///
  /// - Throws: `Failure` if the memory budget is too small for the model and one sequence.
  public func stepOptions(_ model: some RankingModel) throws(Failure) -> StepOptions {
    var options = StepOptions(
      precision: precision, workers: training.workers, frozen: frozen,
      layersPerSegment: training.recomputedLayers, layerDecay: training.layerDecay,
      averages: training.average?.ema != nil)
    if let memoryBudget = training.memoryBudget {
      options.sliceTokens = try sliceTokens(
        model, precision, memoryBudget: memoryBudget.bytes, workers: training.workers,
        maximumLength: max(maximumLength, warmUp?.maximumLength ?? 0),
        averages: options.averages, layersPerSegment: options.layersPerSegment)
    }
    return options
  }
}

/// The memory of a step that does not depend on the batch, in bytes: the weights with the
/// optimizer's two averages, a gradient buffer per worker, the rounded weights, and the moving
/// average of the weights if there is one.
func fixedBytes(
  _ model: some RankingModel, _ precision: Precision, workers: Int, averages: Bool
) -> Int {
  let perParameter = 4 * (3 + workers + (averages ? 1 : 0)) + (precision == .bf16 ? 2 : 0)
  return model.parameters.table.entries.reduce(0) { sum, entry in
    // What stays as it is has weights alone, in bfloat16 where only products read them.
    let own = entry.use == .product && precision == .bf16 ? 2 : 4
    return sum + entry.parameter.shape.count * (entry.isFixed ? own : perParameter)
  }
}

/// The number of tokens whose activations a worker may store so that a step stays within a budget
/// in bytes, beside the memory that does not depend on the batch.
///
/// - Throws: `Failure` if the budget is too small for the model and one sequence per worker.
public func sliceTokens(
  _ model: some RankingModel, _ precision: Precision, memoryBudget: Int, workers: Int?,
  maximumLength: Int, averages: Bool = false, layersPerSegment: Int? = nil
) throws(Failure) -> Int {
  let workers = workers ?? Workers.cores
  let fixed = fixedBytes(model, precision, workers: workers, averages: averages)
  let perToken =
    workers * model.activationBytes(precision, layersPerSegment: layersPerSegment)
  let least = fixed + perToken * maximumLength
  guard memoryBudget >= least else {
    let (given, wanted) = (memoryBudget / 1_000_000, (least + 999_999) / 1_000_000)
    throw Failure(
      .badRecipe,
      "a memory budget of \(given) MB is too small for the model and one sequence per worker",
      expected: "at least \(wanted) MB with \(workers) workers and \(maximumLength) tokens",
      remedy:
        "raise the memory budget, or lower the number of workers or the maximum length of a pair")
  }
  return (memoryBudget - fixed) / perToken
}
