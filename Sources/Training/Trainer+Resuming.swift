public import Diagnostics
import Ranking

extension Trainer {
  /// Resumes from a checkpoint.
  ///
  /// - Throws: `Failure` if it cannot be read, or belongs to a different recipe or model.
  public func resume(from checkpoint: String) throws(Failure) {
    try resume(from: try directory.resumption(from: checkpoint))
  }

  /// Resumes a run. Files of later steps, and damaged ones, are renamed.
  ///
  /// - Parameters:
  ///   - withOtherCandidates: whether the training data differ from those of the run: the scores of
  ///     their candidates are then computed again.
  ///   - withOtherDev: whether the dev data differ from those of the run: the best model so far is
  ///     then evaluated on the new data.
  /// - Throws: `Failure` if the checkpoint belongs to a different recipe or model, or a file of the
  ///   run cannot be renamed.
  public func resume(
    from resumption: Resumption, withOtherCandidates: Bool = false, withOtherDev: Bool = false
  ) throws(Failure) {
    let checkpoint = resumption.checkpoint
    // Until the checkpoint is read, the weights are those of the base.
    try keepBase()
    scoreBase()
    if resumption.state.phase < data.phases.count { scoreAnchors() }
    state = try TrainingCheckpoint.read(checkpoint, into: step, recipe: recipe)
    step.restored()
    // No file is renamed before all ranks have read theirs.
    collective.barrier()
    try collective.onFirst { () throws(Failure) in
      for text in try directory.restore(resumption) { report(.warning(text)) }
    }
    if resumption.best == .checkpoint {
      if state.averaged != nil { step.exchangeAverage() }
      defer { if state.averaged != nil { step.exchangeAverage() } }
      try collective.onFirst { () throws(Failure) in try writeModel(to: directory.best) }
    }
    if resumption.best == .lost { (state.best, state.evaluationsSinceBest) = (nil, 0) }
    let phase = state.phase < data.phases.count ? data.phases[state.phase].name : nil
    report(
      .resumed(checkpoint, phase: phase, step: state.step, totalSteps: state.totalSteps))
    if withOtherDev, let dev = data.dev, state.best != nil {
      try TrainingCheckpoint.readModel(directory.best, into: step.model)
      step.restored()
      let result = try dev.report(
        model: scores(dev, "evaluating on dev"), biEncoder: data.devBiEncoder, fusion: nil)
      let measure = dev.select.description
      let value = result.value(RankingEvaluator.Order.model, measure) ?? -Double.infinity
      state.best?.value = value
      report(
        .note("the best model so far has \(measure) \(decimals(value)) on the changed dev split"))
      _ = try TrainingCheckpoint.read(checkpoint, into: step, recipe: recipe)
      step.restored()
    }
    if let remining, !withOtherCandidates {
      try TrainingCheckpoint.readCandidates(checkpoint, into: remining)
    }
    lastCheckpoint = checkpoint
    let (workers, precision, slice) = try TrainingCheckpoint.settings(checkpoint)
    warn(
      "computed in \(precision)", "computes in \(step.precision.rawValue)",
      "training.precision to \(precision)", unless: precision == step.precision.rawValue)
    warn(
      "had \(workers) workers", "has \(step.workerCount)", "training.workers to \(workers)",
      unless: workers == step.workerCount)
    warn(
      "had a different memory budget", "splits batches differently",
      "training.memory_budget to its previous value", unless: slice == step.sliceTokens ?? 0)
  }

  /// Warns that a setting differs from the run's, so that the results are not the same.
  private func warn(_ before: String, _ now: String, _ remedy: String, unless isSame: Bool) {
    guard !isSame else { return }
    report(
      .warning(
        "the run \(before) and now \(now): the result will not be bit-identical; to keep it so, set \(remedy)"
      ))
  }
}
