import Lists
import Randomness
import Ranking

/// The scores of a base model as it came, which is one of the baselines.
struct BaseScores {
  /// Those of dev's candidates; nil without dev.
  var dev: [Double]?
  /// Those of test's candidates; nil without test.
  var test: [Double]?
}

extension Trainer {
  /// Scores the candidates of dev and test with the base model, if its score head is trained. Called
  /// while the weights are those of the base.
  func scoreBase() {
    guard base == nil, step.model.fresh.isEmpty, data.dev != nil || data.test != nil else { return }
    base = BaseScores(
      dev: data.dev.map { scores($0, "scoring dev with the base model") },
      test: data.test.map { scores($0, "scoring test with the base model") })
  }

  /// The verdict on the model or its fusion, whichever is better on dev, against all other orders of
  /// the same candidates.
  ///
  /// - Parameters:
  ///   - dev: the report that chooses between model and fusion; nil without dev, where a fixed weight
  ///     is the user's choice of the fusion.
  ///   - average: the averages that the model is made of.
  func verdict(
    on evaluator: RankingEvaluator, _ split: String, _ report: EvaluationReport,
    chosenBy dev: EvaluationReport?, _ orders: OrderScores, _ average: AveragedWeights?
  ) -> Verdict? {
    let (model, fused) = (RankingEvaluator.Order.model, RankingEvaluator.Order.fused)
    let measure = evaluator.select.description
    var choice = report.orders.contains { $0.name == fused } ? fused : model
    if let dev, let own = dev.value(model, measure), own >= dev.value(fused, measure) ?? own {
      choice = model
    }
    let contenders = report.orders.map { Verdict.Contender($0.name, $0.selected) }
    guard let own = contenders.first(where: { $0.name == choice }),
      var verdict = Verdict(
        own, against: contenders.filter { ![model, fused].contains($0.name) }, measure: measure,
        split: split, generator: SplitMix64(seed: 1))
    else { return nil }
    verdict.isSelected = split == "dev"
    if verdict.outcome != .better {
      verdict.advice = facts(on: evaluator, report, verdict, orders, average).advice
    }
    return verdict
  }

  private func facts(
    on evaluator: RankingEvaluator, _ report: EvaluationReport, _ verdict: Verdict,
    _ orders: OrderScores, _ average: AveragedWeights?
  ) -> VerdictFacts {
    let place = report.measures.firstIndex(of: verdict.measure)
    var changes: [VerdictFacts.GradeChange] = []
    if let old = evaluator.scores(of: verdict.baseline, orders),
      let new = evaluator.scores(of: verdict.choice, orders)
    {
      changes = evaluator.gradeChanges(from: old, to: new)
    }
    var facts = VerdictFacts(
      trainingLists: data.phases.last?.listCount ?? 0, isWarmedUp: plan.warmUp != nil,
      isTaught: plan.loss.needsTeacher, measure: verdict.measure,
      ceiling: place.map { report.ceiling[$0] } ?? 1,
      truncatedShare: evaluator.truncatedShare(in: data.source),
      maximumLength: plan.maximumLength,
      history: state.history.filter { $0.phase == TrainingPhase.trainingName }.map(\.value),
      gradeChanges: changes)
    facts.trainedShare = average?.base
    let order = RankingEvaluator.Order.self
    if let model = report.value(order.model, verdict.measure) {
      facts.gainOverBase = report.value(order.base, verdict.measure).map { model - $0 }
    }
    return facts
  }
}
