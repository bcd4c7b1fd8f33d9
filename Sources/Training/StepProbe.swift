import Batches
import Lists
import Models
import Scoring

/// A short measurement of a run's own work: some batches of each phase, and some scores.
struct StepProbe<Model: RankingModel, Source: ItemSource> where Source.Items == Model.Items {
  /// The time that a part of the measurement may take after its first piece.
  private static var patience: Double { 2.5 }
  /// The most measured batches of a phase.
  private static var mostBatches: Int { 24 }

  /// The times of a phase.
  struct PhaseTimes {
    /// The seconds of a batch for each unit of its cost.
    var perCost: Double
    /// The seconds of an update of the weights.
    var update: Double
  }

  let step: TrainingStep<Model>
  private let plan: TrainingPlan
  private let source: Source

  init(_ step: TrainingStep<Model>, _ plan: TrainingPlan, _ source: Source) {
    (self.step, self.plan, self.source) = (step, plan, source)
  }

  /// Computes batches of a phase's first epoch, beginning with the largest, and updates the weights
  /// with them.
  ///
  /// The first batch has to take memory and to compile products, so that it counts only if there is
  /// no other, or no time for another.
  func times(of phase: TrainingPhase) -> PhaseTimes {
    let lists = phase.lists(0)
    let batches = (0..<min(phase.steps, Self.mostBatches + 1)).flatMap {
      phase.epoch(ofStep: $0) == 0 ? Array(phase.batches(ofStep: $0)) : []
    }
    var current = step.emptyBatch
    var next = step.emptyBatch
    func fill(_ batch: inout TrainingBatch<Model.Items>, _ number: Int) {
      batch.fill(
        lists[batches[number % batches.count]], from: source, maximumLength: phase.maximumLength)
    }
    fill(&next, 0)
    var shares: [Double] = []
    var updates: [Double] = []
    var spent = 0.0
    for number in 0...Self.mostBatches {
      swap(&current, &next)
      let began = ContinuousClock.now
      _ = step.accumulate(
        current, phase.loss,
        dropout: .init(seed: plan.training.seed, step: UInt32(number + 1)),
        meanwhile: {
          fill(&next, number + 1)
        })
      let computed = ContinuousClock.now
      _ = step.apply(
        count: number + 1, rate: phase.schedule.rate(step: 0, of: phase.steps),
        freshFactor: phase.freshFactor,
        averageShare: step.average == nil ? nil : WeightAverage.share(decay: 0.5, step: number + 1))
      let seconds = (computed - began).inSeconds
      let update = (ContinuousClock.now - computed).inSeconds
      shares.append(seconds / cost(of: lists[batches[number % batches.count]], phase))
      updates.append(update)
      if number > 0 || seconds > 4 * Self.patience { spent += seconds + update }
      if spent > Self.patience { break }
    }
    let first = shares.count > 1 ? 1 : 0
    return PhaseTimes(perCost: middle(shares[first...]), update: middle(updates[first...]))
  }

  /// The seconds of scoring without gradients, for each unit of cost.
  func scoring(_ pairs: [Pair], _ scorer: ItemScorer<Model>) -> Double {
    func measure(_ some: ArraySlice<Pair>) -> Double {
      let began = ContinuousClock.now
      _ = scorer.scores(of: Array(some), in: source, maximumLength: plan.maximumLength)
      return (ContinuousClock.now - began).inSeconds
    }
    var count = min(32, pairs.count)
    var seconds = measure(pairs[..<count])
    // Once more, now that products are compiled, and then as many as the time allows.
    while true {
      seconds = measure(pairs[..<count])
      guard count < pairs.count, seconds < Self.patience / 3 else { break }
      let factor = min(8, 0.8 * Self.patience / max(seconds, 1e-4))
      count = min(pairs.count, max(count + 1, Int(Double(count) * factor)))
    }
    return seconds / pairs[..<count].reduce(0) { $0 + cost(of: $1, plan.maximumLength) }
  }

  /// The cost of lists in a phase.
  func cost(of lists: some Collection<TrainingList>, _ phase: TrainingPhase) -> Double {
    lists.reduce(0) { sum, list in
      list.documents.reduce(sum) {
        $0 + cost(of: Pair(query: list.query, document: $1), phase.maximumLength)
      }
    }
  }

  private func cost(of pair: Pair, _ maximumLength: Int) -> Double {
    source.cost(ofLength: source.length(of: pair, maximum: maximumLength))
  }
}

/// The median of some numbers; 0 for none. Other work on the machine disturbs it less than a mean.
private func middle(_ numbers: ArraySlice<Double>) -> Double {
  let sorted = numbers.sorted()
  return sorted.isEmpty ? 0 : (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
}
