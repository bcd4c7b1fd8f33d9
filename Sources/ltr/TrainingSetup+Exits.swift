import Diagnostics
import Models
import Tables
import Training

extension TrainingSetup {
  /// The exits of the trained model with the shares that are best on dev; nil for a model without
  /// exits. Without dev, no shares are chosen.
  ///
  /// - Throws: errors of the measure.
  func chosenExits(
    progress: @escaping TrainingProgress, report: (TrainingEvent) -> Void
  ) throws(Failure) -> ExitPlan? {
    guard let plan = model.exits else { return nil }
    guard let dev = data.dev else {
      report(.note("without dev, no shares are chosen for the exits: --exits needs given ones"))
      return plan
    }
    let loss = recipe.model.exits?.loss ?? 0
    let found = try evaluation(dev, "choosing exits on dev", progress).chosen(plan, loss: loss)
    if let choice = found.choice {
      let shares = found.exits.map { "\(fixed($0.share ?? 1, 2)) after layer \($0.layer)" }
      report(
        .note(
          "of the candidates go on: \(shares.joined(separator: ", ")); \(choice.measure) on dev "
            + "\(fixed(choice.cascade, 4)) against \(fixed(choice.full, 4)), with "
            + "\(fixed(choice.work, 2)) of the layers' work"))
    }
    if let test = data.test {
      let values = try evaluation(test, "measuring exits on test", progress).values(of: found)
      report(
        .note(
          "with exits, \(test.select.description) on test \(fixed(values.cascade, 4)) against "
            + "\(fixed(values.full, 4))"))
    }
    return found
  }

  private func evaluation(
    _ evaluator: RankingEvaluator, _ what: String, _ progress: @escaping TrainingProgress
  ) -> ExitEvaluation {
    ExitEvaluation(
      evaluator, model, in: data.source, precision: plan.precision, workers: plan.training.workers
    ) { progress(what, $0, $1) }
  }
}
