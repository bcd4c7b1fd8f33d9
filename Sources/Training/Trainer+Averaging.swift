import Diagnostics
import Files
import Models
import Options
import Ranking
import Tensors

// During training: the moving average of the weights, and the files that averages at the end need.
extension Trainer {
  var averageOptions: AverageOptions { plan.training.average ?? AverageOptions() }

  /// Whether there is a moving average of the weights in a phase: only in the training proper.
  func hasAverage(_ phase: TrainingPhase) -> Bool {
    averageOptions.ema != nil && phase.name == TrainingPhase.trainingName
  }

  /// The share of the weights after the next step in their moving average; nil without one.
  func averageShare(_ phase: TrainingPhase) -> Float? {
    guard hasAverage(phase), let decay = averageOptions.ema else { return nil }
    return WeightAverage.share(decay: decay, step: state.step + 1)
  }

  /// Reports a moving average that is longer than a phase.
  func noteAverage(_ phase: TrainingPhase) {
    guard hasAverage(phase), let decay = averageOptions.ema, phase.steps >= 20 else { return }
    let span = 1 / (1 - decay)
    guard span > Double(phase.steps) else { return }
    report(
      .note(
        "training.average.ema: \(decay) averages over \(Int(span.rounded())) steps, and training has "
          + "\(phase.steps): the first steps count almost as much as the last; "
          + "\(decimals(1 - 10 / Double(phase.steps))) averages over a tenth of them"))
  }

  /// Writes the model, which is the moving average of the weights if there is one.
  func writeModel(to path: String) throws(Failure) {
    var average = AveragedWeights()
    if let steps = state.averaged { (average.ema, average.emaSteps) = (averageOptions.ema, steps) }
    try TrainingCheckpoint.write(
      model: step.model, step: state.totalSteps, average: average.isEmpty ? nil : average, to: path)
  }

  /// The steps of the models that may be averaged after a step: the best on dev up to then, the best
  /// first, and of equal ones the earlier.
  private func contenders(at step: Int) -> [Int] {
    guard let count = averageOptions.checkpoints else { return [] }
    let evaluated = state.history.filter {
      $0.phase == TrainingPhase.trainingName && $0.totalSteps <= step
    }
    return evaluated.sorted { ($1.value, $0.totalSteps) < ($0.value, $1.totalSteps) }
      .prefix(count).map(\.totalSteps)
  }

  /// Stores the model that was just evaluated if it may be averaged.
  func keepContender() throws(Failure) {
    guard contenders(at: state.totalSteps).contains(state.totalSteps) else { return }
    try collective.onFirst { () throws(Failure) in
      try writeModel(to: directory.evaluated(step: state.totalSteps))
      removeContenders()
    }
  }

  /// Removes the models that can no longer be averaged; called on the first rank.
  func removeContenders() {
    guard averageOptions.checkpoints != nil else { return }
    directory.keepEvaluated(at: state.totalSteps) { contenders(at: $0) }
  }
}

// At the end: averages of the trained weights.
extension Trainer {
  /// Averages the last weights as the plan says, without dev. The model has the average afterwards.
  func average() throws(Failure) -> AveragedWeights? {
    var result = AveragedWeights()
    if let steps = state.averaged {
      step.exchangeAverage()
      (result.ema, result.emaSteps) = (averageOptions.ema, steps)
    }
    if case .given(let shares) = averageOptions.base, let share = shares.first {
      try add(baseFor: share)
      result.base = share
    }
    return result.isEmpty ? nil : result
  }

  /// Averages the best model on dev with others and with the base, as the plan says. The model has
  /// the average afterwards.
  ///
  /// - Parameter scores: those of the model on dev.
  func average(
    _ dev: RankingEvaluator, _ scores: inout [Double]
  ) throws(Failure) -> AveragedWeights? {
    var result = AveragedWeights()
    if let steps = state.best?.averaged {
      (result.ema, result.emaSteps) = (averageOptions.ema, steps)
    }
    if averageOptions.checkpoints != nil {
      result.checkpoints = try averageCheckpoints(dev, &scores)
    }
    if hasBaseSum { result.base = try addBase(dev, &scores) }
    return result.isEmpty ? nil : result
  }

  /// The greedy soup (Wortsman et al., 2022): the mean of the best model and of those next to it, of
  /// which each enters only if the mean with it is no worse on dev. Returns the steps of the members.
  private func averageCheckpoints(
    _ dev: RankingEvaluator, _ scores: inout [Double]
  ) throws(Failure) -> [Int]? {
    guard let best = state.best?.totalSteps else { return nil }
    let weights = step.model.parameters.values.floats
    // The optimizer's work is done, so its memory has room for the mean.
    let mean = step.optimizer.first.floats
    copy(weights, to: mean)
    var members = [best]
    var value = try value(dev, scores)
    for number in contenders(at: state.totalSteps) where number != best {
      do throws(Failure) {
        try TrainingCheckpoint.readModel(directory.evaluated(step: number), into: step.model)
      } catch {
        report(
          .warning(
            "the model after step \(number) is left out of the average: \(error.problem)"))
        continue
      }
      for range in step.optimizer.ranges {
        weights[range].move(
          toward: mean[range], by: Float(members.count) / Float(members.count + 1))
      }
      let (found, result) = try measure(dev)
      let isKept = result >= value
      report(
        .average(averageReport(.checkpoints(members + [number]), value: result, isKept: isKept)))
      guard isKept else { continue }
      copy(weights, to: mean)
      members.append(number)
      (value, scores) = (result, found)
    }
    copy(mean, to: weights)
    step.reduced?.refresh()
    return members
  }

  /// Copies the parameters that training changes; frozen ones are the same in all averages.
  func copy(_ source: Floats, to target: Floats) {
    for range in step.optimizer.ranges { target[range].copy(from: source[range]) }
  }

  /// The scores of the model on dev, and the value of the selecting measure.
  func measure(
    _ dev: RankingEvaluator
  ) throws(Failure) -> (scores: [Double], value: Double) {
    step.reduced?.refresh()
    let scores = scores(dev, "evaluating an average on dev")
    return (scores, try value(dev, scores))
  }

  func value(_ dev: RankingEvaluator, _ scores: [Double]) throws(Failure) -> Double {
    let isFused = selectedOrder == RankingEvaluator.Order.fused
    let result = try dev.report(
      model: scores, biEncoder: nil, fusion: isFused ? try fusion(dev, scores) : nil)
    return result.value(selectedOrder, dev.select.description) ?? -Double.infinity
  }

  func averageReport(
    _ kind: AverageReport.Kind, value: Double?, isKept: Bool
  ) -> AverageReport {
    AverageReport(
      kind: kind, value: value, measure: plan.select.description, isKept: isKept)
  }
}
