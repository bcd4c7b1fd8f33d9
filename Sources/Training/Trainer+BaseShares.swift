import Diagnostics
import Ranking
import Tensors

// At the end: the sum of the trained weights and those of the base (Wortsman et al., 2022, "WiSE-FT").
extension Trainer {
  /// Whether the run ends with such a sum. Where dev may choose the base itself, its score head has
  /// to be trained.
  var hasBaseSum: Bool {
    switch averageOptions.base {
    case .given(let shares): !shares.isEmpty
    case .dev: step.model.fresh.isEmpty
    }
  }

  /// Reports that dev cannot choose the base.
  func noteMissingBase() {
    guard averageOptions.base == .dev, !hasBaseSum else { return }
    report(
      .note(
        "training.average: dev has nothing to go back to: the score head is newly initialised, so that "
          + "the base does not rerank; the trained weights stay"))
  }

  /// Stores the weights of the base for a sum with the trained ones, unless an intact file has them.
  /// Called while the weights are those of the base.
  func keepBase() throws(Failure) {
    guard hasBaseSum else { return }
    try collective.onFirst { () throws(Failure) in
      if (try? TrainingCheckpoint.verifyModel(directory.base)) != nil { return }
      try TrainingCheckpoint.write(model: step.model, to: directory.base)
    }
  }

  /// Gives the model a share of the trained weights, and for the rest those of the base.
  func add(baseFor share: Double) throws(Failure) {
    let (tuned, base) = try weightsOfTrainedAndBase()
    mix(tuned, base, share)
    report(.average(averageReport(.base(share), value: nil, isKept: true)))
  }

  /// Adds the weights of the base: one given share is applied, of several dev chooses. The model has
  /// the sum afterwards.
  ///
  /// - Parameter scores: those of the model on dev.
  /// - Returns: the share of the trained weights.
  func addBase(
    _ dev: RankingEvaluator, _ scores: inout [Double]
  ) throws(Failure) -> Double {
    let isChosen = averageOptions.base.isChosen
    var sums = isChosen ? [try baseSum(dev, 1, scores)] : []
    let (tuned, base) = try weightsOfTrainedAndBase()
    for share in averageOptions.base.measured {
      mix(tuned, base, share)
      try add(share, self.scores(dev, "evaluating an average on dev"), dev, to: &sums)
    }
    if averageOptions.base == .dev, let own = self.base?.dev { try add(0, own, dev, to: &sums) }
    guard !sums.isEmpty else { return 1 }
    let chosen = sums[BaseSum.chosen(among: sums)]
    mix(tuned, base, chosen.share)
    scores = chosen.scores
    if averageOptions.base == .dev { noteChoice(of: chosen, among: sums) }
    return chosen.share
  }

  /// Measures a sum, and reports whether it is the best of those so far.
  private func add(
    _ share: Double, _ scores: [Double], _ dev: RankingEvaluator, to sums: inout [BaseSum]
  ) throws(Failure) {
    let sum = try baseSum(dev, share, scores)
    sums.append(sum)
    let isKept = BaseSum.chosen(among: sums) == sums.count - 1
    report(.average(averageReport(.base(share), value: sum.value, isKept: isKept)))
  }

  /// A sum with its scores on dev, measured.
  private func baseSum(
    _ dev: RankingEvaluator, _ share: Double, _ scores: [Double]
  ) throws(Failure) -> BaseSum {
    let result = try dev.report(model: scores, biEncoder: nil, fusion: nil)
    let (model, measure) = (RankingEvaluator.Order.model, dev.select.description)
    return BaseSum(
      share: share, scores: scores, value: result.value(model, measure) ?? -Double.infinity,
      values: result.orders.first { $0.name == model }?.selected ?? [])
  }

  private func noteChoice(of chosen: BaseSum, among sums: [BaseSum]) {
    guard chosen.share == 0 else { return }
    report(
      .note(
        "the model is the base itself, with \(plan.select) \(decimals(chosen.value)) on dev: no share of the "
          + "trained weights is better (all of them have \(decimals(sums[0].value)))"))
  }

  /// The trained weights, which the model has, and those of the base, in memory of the optimizer,
  /// whose work is done. Newly initialised weights have no base and are their own.
  private func weightsOfTrainedAndBase() throws(Failure) -> (tuned: Floats, base: Floats) {
    let (weights, table) = (step.model.parameters.values.floats, step.model.parameters.table)
    let (tuned, base) = (step.optimizer.first.floats, step.optimizer.second.floats)
    copy(weights, to: tuned)
    do throws(Failure) {
      try TrainingCheckpoint.readModel(directory.base, into: step.model)
    } catch {
      var failure = error
      failure.remedy =
        "give --resume: the weights of the base are then stored again, and the run ends the same"
      throw failure
    }
    copy(weights, to: base)
    for entry in table.entries where step.model.fresh.contains(entry.name) {
      base[entry.parameter.range].copy(from: tuned[entry.parameter.range])
    }
    // The product of an adapter has the share of its second factor alone, which is zero at first.
    for adapter in table.adapters {
      base[adapter.down.range].copy(from: tuned[adapter.down.range])
    }
    return (tuned, base)
  }

  /// Gives the model a share of the trained weights, and for the rest those of the base, whose own
  /// bits it has at 0.
  private func mix(_ tuned: Floats, _ base: Floats, _ share: Double) {
    let weights = step.model.parameters.values.floats
    copy(share == 0 ? base : tuned, to: weights)
    if share > 0 {
      for range in step.optimizer.ranges {
        weights[range].move(toward: base[range], by: Float(1 - share))
      }
    }
    step.reduced?.refresh()
  }
}
