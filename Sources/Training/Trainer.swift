public import Batches
public import Collectives
public import Diagnostics
import Foundation
import Lists
public import Models
import Ranking
import Scoring

/// Trains a model on lists of items: phases of steps with evaluations and checkpoints between them.
///
/// All random numbers derive from the plan's seed and the number of the step, so that a run resumed
/// from a checkpoint ends with the same bits as an uninterrupted one.
///
/// Each rank of a `Collective` runs a trainer with the same plan and data. Only the first one
/// writes and reports; all ranks must be able to read the folder of the run.
public final class Trainer<Model: RankingModel, Source: ItemSource>
where Source.Items == Model.Items {
  let plan: TrainingPlan
  let data: TrainingData<Source>
  let step: TrainingStep<Model>
  let collective: any Collective
  let scorer: ItemScorer<Model>
  let directory: RunDirectory
  let recipe: String
  let report: (TrainingEvent) -> Void
  let progress: TrainingProgress
  var state = TrainingState()
  var lastCheckpoint: String?
  /// The best model's scores on dev, if this process has computed them.
  private var bestScores: (totalSteps: Int, scores: [Double])?
  /// The base's scores of the training lists; nil without an anchor.
  var anchors: AnchorScores?
  /// The scores of the base model as it came; nil if its score head is newly initialised.
  var base: BaseScores?
  private var pace = Pace()
  private var collapse = CollapseWatch()

  /// A trainer that writes to `directory`, whose folders exist; `recipe` is stored in checkpoints.
  ///
  /// - Throws: `Failure` if the model exceeds the plan's memory budget.
  public init(
    _ model: Model, _ plan: TrainingPlan, _ data: TrainingData<Source>,
    directory: RunDirectory, recipe: String, collective: any Collective = LocalCollective(),
    progress: @escaping TrainingProgress, report: @escaping (TrainingEvent) -> Void
  ) throws(Failure) {
    let isFirst = collective.isFirst
    self.progress = { (what, done, total) in if isFirst { progress(what, done, total) } }
    self.plan = plan
    self.data = data
    self.directory = directory
    self.recipe = recipe
    self.collective = collective
    self.report = { (event) in if isFirst { report(event) } }
    step = TrainingStep(
      model, plan.optimizer.adamW, try plan.stepOptions(model), collective: collective)
    scorer = ItemScorer(
      model, reduced: step.reduced, workers: plan.training.workers, collective: collective)
  }

  /// Trains to the end, or until `shouldStop` returns true after a step, on any rank.
  public func run(shouldStop: () -> Bool) throws(Failure) -> TrainingEnd {
    if state.totalSteps == 0 {
      noteMissingBase()
      try keepBase()
      scoreBase()
      scoreAnchors()
    }
    while state.phase < data.phases.count {
      let phase = data.phases[state.phase]
      report(.phase(phase.name, lists: phase.listCount, steps: phase.steps))
      noteAverage(phase)
      guard try run(phase, shouldStop: shouldStop) else {
        let path = try checkpoint()
        return .interrupted(checkpoint: path)
      }
      state.phase += 1
      state.step = 0
      step.forgetMoments()
    }
    return .finished(try finish())
  }

  /// Returns false if it was stopped.
  private func run(_ phase: TrainingPhase, shouldStop: () -> Bool) throws(Failure) -> Bool {
    let isLast = state.phase == data.phases.count - 1
    var feed = BatchFeed(
      phase, data.source, fromStep: state.step, anchors: phase.anchor == nil ? nil : anchors,
      into: step.emptyBatch)
    var batch = step.emptyBatch
    pace = Pace()
    collapse = CollapseWatch()
    while state.step < phase.steps {
      if collective.any(shouldStop()) { return false }
      remine(phase)
      try train(phase, &feed, &batch)
      let isEnd = state.step == phase.steps
      if isEnd || isLast && phase.isDue(plan.evaluateEvery, afterSteps: state.step) {
        if try evaluate(phase) { return true }
      }
      if !isEnd, phase.isDue(plan.training.checkpointEvery, afterSteps: state.step) {
        _ = try checkpoint()
      }
    }
    return true
  }

  /// Scores the training candidates with the current model, if the next step's lists are drawn from
  /// the hardest of them.
  private func remine(_ phase: TrainingPhase) {
    guard let remining = phase.remining, !phase.isReady(forStep: state.step) else { return }
    let progress = progress
    let scores = scorer.scores(
      of: remining.pairs.map { Pair(query: $0.query, document: $0.document) }, in: data.source,
      maximumLength: phase.maximumLength
    ) { progress("scoring the candidates of training", $0, $1) }
    let epoch = phase.epoch(ofStep: state.step)
    remining.begin(round: remining.round(ofEpoch: epoch), scores: scores)
    report(.note("epoch \(epoch + 1): negatives are re-mined with the current model"))
  }

  /// One step: its batches and an update.
  private func train(
    _ phase: TrainingPhase, _ feed: inout BatchFeed<Source>,
    _ batch: inout TrainingBatch<Model.Items>
  ) throws(Failure) {
    let started = ContinuousClock.now
    let rate = phase.schedule.rate(step: state.step, of: phase.steps)
    let batches = phase.batches(ofStep: state.step).count
    var loss = 0.0
    var units = 0
    var pairs = 0
    for _ in 0..<batches {
      feed.next(&batch)
      state.totalBatches += 1
      loss +=
        step.accumulate(
          batch, phase.loss, anchor: phase.anchor,
          dropout: .init(
            seed: plan.training.seed, step: UInt32(truncatingIfNeeded: state.totalBatches)),
          scale: 1 / Double(batches), meanwhile: { feed.prepare() }) / Double(batches)
      units += batch.units
      pairs += batch.pairs
      guard loss.isFinite else { throw notFinite("the loss", phase) }
    }
    let norm = step.apply(
      count: state.step + 1, rate: rate, freshFactor: phase.freshFactor,
      averageShare: averageShare(phase))
    guard norm.isFinite else { throw notFinite("the gradient", phase) }
    state.step += 1
    state.totalSteps += 1
    if hasAverage(phase) { state.averaged = state.step }
    let scores = step.takeListScores()
    pace.add(
      tokens: units, pairs: pairs, seconds: (ContinuousClock.now - started).inSeconds)
    report(
      .step(
        StepReport(
          phase: phase.name, step: state.step, steps: phase.steps,
          epoch: phase.epochs(afterSteps: state.step), loss: loss, learningRate: rate,
          gradientNorm: norm, tokensPerSecond: pace.tokensPerSecond,
          secondsLeft: pace.secondsPerStep * Double(phase.steps - state.step),
          pairsPerSecond: pace.pairsPerSecond, orderedShare: scores.orderedShare,
          scoreDeviation: scores.deviation)))
    if let text = collapse.warning(scores, step: state.step, phase: phase.name) {
      report(.warning(text))
    }
  }

  private func notFinite(_ what: String, _ phase: TrainingPhase) -> Failure {
    let last = lastCheckpoint ?? directory.newestCheckpoint
    return Failure(
      .badData, "\(what) of step \(state.step + 1) (\(phase.name)) is not a finite number",
      at: Place(directory.path),
      expected: "a finite value; a learning rate that is too high makes the loss overflow",
      remedy: "lower the learning rate; "
        + (last.map { "the last good checkpoint is \($0)" }
          ?? "no checkpoint had been written yet"))
  }

  /// Evaluates on dev and stores the model if it is the best so far. Returns whether training
  /// should end for lack of progress. The model is the moving average of the weights if there is
  /// one.
  private func evaluate(_ phase: TrainingPhase) throws(Failure) -> Bool {
    guard let dev = data.dev else { return false }
    if state.averaged != nil { step.exchangeAverage() }
    defer { if state.averaged != nil { step.exchangeAverage() } }
    let scores = scores(dev, "evaluating on dev")
    let result = try dev.report(
      model: scores, biEncoder: data.devBiEncoder, base: base?.dev,
      fusion: try fusion(dev, scores))
    let value =
      result.value(selectedOrder, dev.select.description) ?? -Double.infinity
    let isBest = state.best.map { value > $0.value } ?? true
    state.history.append(
      .init(phase: phase.name, totalSteps: state.totalSteps, value: value))
    if isBest {
      let old = state.best?.totalSteps
      state.best = .init(
        value: value, totalSteps: state.totalSteps, averaged: state.averaged)
      bestScores = (state.totalSteps, scores)
      state.evaluationsSinceBest = 0
      try collective.onFirst { () throws(Failure) in
        if let old, old != state.totalSteps { try directory.retainBest(ofStep: old) }
        try writeModel(to: directory.best)
      }
    } else {
      state.evaluationsSinceBest += 1
    }
    try keepContender()
    report(
      .evaluation(
        result, split: "dev", phase: phase.name, step: state.step, isBest: isBest,
        averaged: state.averaged))
    guard let patience = plan.training.patience, phase.name == TrainingPhase.trainingName,
      state.evaluationsSinceBest >= patience
    else { return false }
    report(.note("no improvement in \(patience) evaluations: training stops"))
    return true
  }

  /// The name of the order that selects the best model.
  var selectedOrder: String {
    plan.fusion != nil && plan.selectedOrder == .fused
      ? RankingEvaluator.Order.fused : RankingEvaluator.Order.model
  }

  func fusion(_ dev: RankingEvaluator, _ scores: [Double]) throws(Failure) -> Fusion? {
    switch plan.fusion?.weight {
    case nil: nil
    case .dev: try dev.bestFusion(model: scores)
    case .fixed(let weight): Fusion(weight: weight)
    }
  }

  /// The refresh of candidates in the current phase.
  var remining: Remining? {
    state.phase < data.phases.count ? data.phases[state.phase].remining : nil
  }

  private func checkpoint() throws(Failure) -> String {
    let path = directory.checkpoint(step: state.totalSteps)
    try collective.onFirst { () throws(Failure) in
      try TrainingCheckpoint.write(
        path, step, state, recipe: recipe, seed: plan.training.seed, remining: remining)
      directory.keepNewest(plan.training.checkpointsKept, bestStep: state.best?.totalSteps)
      removeContenders()
    }
    lastCheckpoint = path
    report(.checkpoint(path))
    return path
  }

  /// Measures the best model on dev and test.
  private func finish() throws(Failure) -> TrainingOutcome {
    var outcome = TrainingOutcome(steps: state.totalSteps)
    var fusion: Fusion?
    if let dev = data.dev {
      // A run resumed with fewer lists may have no step left after which to evaluate.
      if state.best == nil, let phase = data.phases.last { _ = try evaluate(phase) }
      try TrainingCheckpoint.readModel(directory.best, into: step.model)
      step.reduced?.refresh()
      outcome.bestStep = state.best?.totalSteps
      let known = bestScores.flatMap { $0.totalSteps == state.best?.totalSteps ? $0.scores : nil }
      var scores = known ?? scores(dev, "evaluating on dev")
      outcome.average = try average(dev, &scores)
      fusion = try self.fusion(dev, scores)
      let orders = OrderScores(
        model: scores, biEncoder: data.devBiEncoder, base: base?.dev, fusion: fusion)
      let result = try dev.report(
        model: scores, biEncoder: data.devBiEncoder, base: base?.dev, fusion: fusion,
        withIntervals: true)
      outcome.dev = result
      outcome.scores += dev.scored(split: "dev", orders)
      if data.test == nil {
        outcome.verdict = verdict(on: dev, "dev", result, chosenBy: result, orders, outcome.average)
      }
      outcome.calibration = dev.calibration(
        model: scores, relevantFrom: plan.lists.minimumGrade)
      outcome.fusionWeight = fusion?.weight
      outcome.warning = warning(result, dev.select.description)
      if let warning = outcome.warning { report(.warning(warning)) }
    } else {
      outcome.average = try average()
      if case .fixed(let weight) = plan.fusion?.weight {
        fusion = Fusion(weight: weight)
        outcome.fusionWeight = weight
      }
    }
    if let test = data.test {
      let scores = scores(test, "evaluating on test")
      let orders = OrderScores(
        model: scores, biEncoder: data.testBiEncoder, base: base?.test, fusion: fusion)
      let result = try test.report(
        model: scores, biEncoder: data.testBiEncoder, base: base?.test, fusion: fusion,
        withIntervals: true)
      outcome.test = result
      outcome.scores += test.scored(split: "test", orders)
      outcome.verdict = verdict(
        on: test, "test", result, chosenBy: outcome.dev, orders, outcome.average)
    }
    return outcome
  }

  func scores(_ evaluator: RankingEvaluator, _ what: String) -> [Double] {
    let progress = progress
    return evaluator.scores(scorer, data.source) { progress(what, $0, $1) }
  }

  private func warning(_ result: EvaluationReport, _ measure: String) -> String? {
    guard let model = result.value(RankingEvaluator.Order.model, measure),
      let first = result.value(RankingEvaluator.Order.firstStage, measure), model <= first
    else { return nil }
    return "the model is not better than its first stage on dev "
      + "(\(measure) \(decimals(model)) against \(decimals(first))): do not serve it as it is"
  }
}

/// The speed of the recent steps.
private struct Pace {
  private var tokens = 0.0
  private var pairs = 0.0
  private var seconds = 0.0
  private var steps = 0.0

  var tokensPerSecond: Double { seconds > 0 ? tokens / seconds : 0 }
  var pairsPerSecond: Double { seconds > 0 ? pairs / seconds : 0 }
  var secondsPerStep: Double { steps > 0 ? seconds / steps : 0 }

  /// The weight of older steps decreases: by half after about 35 steps.
  mutating func add(tokens: Int, pairs: Int, seconds: Double) {
    self.tokens = self.tokens * 0.98 + Double(tokens)
    self.pairs = self.pairs * 0.98 + Double(pairs)
    self.seconds = self.seconds * 0.98 + seconds
    steps = steps * 0.98 + 1
  }
}

extension Duration {
  /// The duration in seconds.
  package var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
