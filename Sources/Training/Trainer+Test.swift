public import Diagnostics
import Ranking
import Scoring

extension Trainer {
  /// Measures a trained model on test, with the orders and the verdict with which a run ends: for a
  /// run that did not see test, since dev had to choose it among others. The trainer's own model is
  /// the base as it came.
  ///
  /// - Parameters:
  ///   - trained: the model.
  ///   - metrics: the run's results, whose values on dev choose between the model and its fusion.
  ///   - history: the course of the run.
  /// - Returns: the run's outcome with test in place of dev; nil without test.
  /// - Throws: `badData` if a measure is undefined for the judgments.
  public func measureTest(
    of trained: Model, _ metrics: TrainingMetrics, _ history: RunHistory
  ) throws(Failure) -> TrainingOutcome? {
    guard let test = data.test else { return nil }
    let measure = plan.select.description
    if step.model.fresh.isEmpty {
      base = BaseScores(test: scores(test, "scoring test with the base model"))
    }
    state.history = history.evaluations.compactMap { evaluation in
      evaluation.orders[RankingEvaluator.Order.model]?[measure].map {
        .init(phase: evaluation.phase, totalSteps: evaluation.total, value: $0)
      }
    }
    let progress = progress
    let scorer = ItemScorer(trained, precision: plan.precision, workers: plan.training.workers)
    let scores = test.scores(scorer, data.source) { progress("evaluating on test", $0, $1) }
    let fusion = metrics.fusionWeight.map { Fusion(weight: $0) }
    let result = try test.report(
      model: scores, biEncoder: data.testBiEncoder, base: base?.test, fusion: fusion,
      withIntervals: true)
    var outcome = TrainingOutcome(steps: metrics.steps)
    (outcome.bestStep, outcome.fusionWeight) = (metrics.bestStep, metrics.fusionWeight)
    outcome.average = metrics.average
    outcome.test = result
    let orders = OrderScores(
      model: scores, biEncoder: data.testBiEncoder, base: base?.test, fusion: fusion)
    outcome.scores = test.scored(split: "test", orders)
    outcome.verdict = verdict(
      on: test, "test", result, chosenBy: metrics.dev.map { EvaluationReport($0, measure) }, orders,
      metrics.average)
    return outcome
  }
}

extension EvaluationReport {
  /// The stored values of one measure.
  fileprivate init(_ split: TrainingMetrics.Split, _ measure: String) {
    self.init(
      measures: [measure], queries: split.queries,
      orders: split.orders.compactMap { name, values in
        values[measure].map { OrderMeasures(name: name, means: [$0]) }
      }, ceiling: split.ceiling[measure].map { [$0] } ?? [])
  }
}
