import Autodiff
import Batches
import CAllocations
import CollectiveSupport
import Foundation
import Models
import Options
import Ranking
import Tensors
import Testing
import Training

@Suite struct WeightAverageTests {
  /// Σ dᵗ⁻ⁱ wᵢ / Σ dᵗ⁻ⁱ in double precision.
  static func formula(_ weights: [[Float]], _ decay: Double) -> [Double] {
    var (sum, total) = ([Double](repeating: 0, count: weights[0].count), 0.0)
    for values in weights {
      for i in sum.indices { sum[i] = decay * sum[i] + Double(values[i]) }
      total = decay * total + 1
    }
    return sum.map { $0 / total }
  }

  /// The shares of the recursion give the formula.
  @Test(arguments: [0.1, 0.9, 0.9999]) func shares(_ decay: Double) {
    var average = 0.0
    let values = (1...50).map { sin(Double($0)) }
    for (i, value) in values.enumerated() {
      average += Double(WeightAverage.share(decay: decay, step: i + 1)) * (value - average)
    }
    var (sum, total) = (0.0, 0.0)
    for value in values { (sum, total) = (decay * sum + value, decay * total + 1) }
    // A share is rounded to 24 bits, and 50 of them are used.
    #expect(abs(average - sum / total) < 50 * 6e-8)
    #expect(WeightAverage.share(decay: decay, step: 1) == 1)
  }

  /// Steps with another batch each, so that rows of the word table come up late or not at all.
  private func train(
    _ training: TinyTraining, _ step: TrainingStep<CrossEncoder>, steps: Int, decay: Double?,
    after: () -> Void = {}
  ) throws {
    let loss = try Loss("softmax")
    for i in 0..<steps {
      let start = i % 5 * 2
      _ = step.accumulate(
        training.batch(start..<start + 2, workers: step.workerCount), loss,
        dropout: DropoutKey(seed: 3, step: UInt32(i)))
      _ = step.apply(
        count: i + 1, rate: 1e-3,
        averageShare: decay.map { WeightAverage.share(decay: $0, step: i + 1) })
      after()
    }
  }

  /// After some steps the average is the formula's, and the weights are those of a run without it,
  /// bit for bit. A step rounds an average by half a unit in the last place, of values below 2, so 12
  /// steps by less than 12 · 6e-8 · 2.
  @Test(arguments: [(1, Precision.f32), (2, .f32), (3, .f32), (2, .bf16)], [0.0, 0.1])
  func averages(_ how: (workers: Int, precision: Precision), _ weightDecay: Double) throws {
    let (workers, precision) = how
    let training = try TinyTraining()
    let adamW = AdamWOptions(weightDecay: weightDecay)
    let options = StepOptions(precision: precision, workers: workers, averages: true)
    let step = TrainingStep(training.model, adamW, options)
    let average = try #require(step.average)
    var weights: [[Float]] = []
    try train(training, step, steps: 12, decay: 0.8) {
      weights.append(training.model.parameters.array)
    }
    let found = average.values.array
    expectNear(found.map(Double.init), Self.formula(weights, 0.8), 1.5e-6, "average")
    let last = training.model.parameters.array
    let plain = try TinyTraining()
    try train(
      plain,
      TrainingStep(plain.model, adamW, StepOptions(precision: precision, workers: workers)),
      steps: 12, decay: nil)
    #expect(plain.model.parameters.array == last)
    // The exchange puts the average in place of the weights, and back.
    step.exchangeAverage()
    #expect(training.model.parameters.array == found && average.values.array == last)
    if precision == .bf16 {
      let rounded = try #require(ReducedWeights(training.model.parameters, .bf16))
      try withExtendedLifetime((step, rounded)) {
        let expected = try #require(rounded.bfloats).array
        let kept = try #require(step.reduced?.bfloats).array
        for entry in training.model.parameters.table.entries where entry.use != .lookup {
          #expect(kept[entry.parameter.range] == expected[entry.parameter.range])
        }
      }
    }
    step.exchangeAverage()
    #expect(training.model.parameters.array == last && average.values.array == found)
  }

  /// Frozen parameters have no average and keep their bits in the exchange.
  @Test(arguments: [FrozenParts(embeddings: true), FrozenParts(layers: [0])])
  func frozen(_ frozen: FrozenParts) throws {
    let training = try TinyTraining()
    let before = training.model.parameters.array
    let step = TrainingStep(
      training.model, AdamWOptions(), StepOptions(workers: 2, frozen: frozen, averages: true))
    try train(training, step, steps: 4, decay: 0.5)
    step.exchangeAverage()
    let average = try #require(step.average)
    let after = training.model.parameters.array
    for entry in training.model.parameters.table.entries {
      let range = entry.parameter.range
      let isFrozen = training.model.isFrozen(entry.name, by: frozen)
      #expect((after[range] == before[range]) == isFrozen, "\(entry.name)")
      if isFrozen { #expect(average.values.array[range].allSatisfy { $0 == 0 }) }
    }
  }

  /// All ranks have the same average.
  @Test func ranksAgree() throws {
    let found = try ranks(2) { collective in
      let training = try TinyTraining()
      let step = TrainingStep(
        training.model, AdamWOptions(), StepOptions(workers: 1, averages: true),
        collective: collective)
      let loss = try Loss("softmax")
      var batch = step.emptyBatch
      for i in 0..<4 {
        batch.fill(
          training.lists[2 * i..<2 * i + 2], from: training.tokens, maximumLength: 48)
        _ = step.accumulate(batch, loss, dropout: nil)
        _ = step.apply(
          count: i + 1, rate: 1e-3, averageShare: WeightAverage.share(decay: 0.9, step: i + 1))
      }
      return step.average?.values.array ?? []
    }
    #expect(found[0] == found[1] && found[0].contains { $0 != 0 })
  }

  #if !DEBUG
    /// Averages, layers with rates of their own and segments take no memory in a steady step.
    @Test(
      .enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"))
    func steadyStepsAllocateNothing() async {
      await #expect(processExitsWith: .success) {
        let training = try TinyTraining(layers: 4)
        let step = TrainingStep(
          training.model, AdamWOptions(),
          StepOptions(workers: 2, layersPerSegment: 1, layerDecay: 0.8, averages: true))
        let loss = try Loss("softmax")
        let batches = [0..<8, 4..<8, 8..<12].map { training.batch($0, workers: 2) }
        var count = 0
        func round(_ batch: TrainingBatch<PackedBatch>) {
          count += 1
          _ = step.accumulate(batch, loss, dropout: DropoutKey(seed: 1, step: UInt32(count)))
          _ = step.apply(
            count: count, rate: 1e-4,
            averageShare: WeightAverage.share(decay: 0.99, step: count))
        }
        for _ in 0..<2 { for batch in batches { round(batch) } }
        TrainingStepTests.multiplyOnTwoThreadsAtOnce()
        ltr_allocations_start()
        for _ in 0..<5 { for batch in batches { round(batch) } }
        let allocations = ltr_allocations_stop()
        #expect(allocations == 0)
      }
    }
  #endif
}
