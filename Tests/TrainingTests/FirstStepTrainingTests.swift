import Autodiff
import Batches
import CAllocations
import ModelSupport
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

/// Training of a T5, whose score is read at the first step of a decoder: all of it, and with adapters.
@Suite(.serialized) struct FirstStepTrainingTests {
  private static func training(adapters: AdapterPlan? = nil) throws -> TinyTraining {
    var tiny = TinyModel().t5(gated: true)
    tiny.configuration?["n_positions"] = "64"
    return try TinyTraining(of: tiny, adapters: adapters)
  }

  private static var plan: AdapterPlan {
    var plan = AdapterPlan()
    (plan.rank, plan.dropout) = (4, 0.1)
    return plan
  }

  private func step(
    _ training: TinyTraining, _ options: StepOptions = StepOptions(workers: 2)
  ) -> TrainingStep<CrossEncoder> {
    TrainingStep(training.model, AdamWOptions(), options)
  }

  /// With dropout, along the gradient of each parameter: the slope of the loss is the gradient's
  /// length. The same key draws the same dropout.
  @Test(arguments: [false, true])
  func gradientsWithDropout(_ hasAdapters: Bool) throws {
    let training = try Self.training(adapters: hasAdapters ? Self.plan : nil)
    let step = step(training)
    let batch = training.batch(0..<4, workers: 2)
    let loss = try Loss("softmax")
    let parameters = training.model.parameters
    // B is zero at first, where A has no gradient.
    for adapter in parameters.table.adapters {
      parameters.withMutableValues(of: adapter.up) { values in
        for i in values.indices { values[i] = Float(i % 7 - 3) / 50 }
      }
    }
    func value() -> Double {
      step.accumulate(batch, loss, dropout: DropoutKey(seed: 3, step: 1))
    }
    let first = value()
    let gradients = step.takeGradients()
    #expect(value() == first)
    _ = step.takeGradients()
    let trained = parameters.table.entries.filter { !$0.isFixed }
    func length(_ entry: ParameterTable.Entry) -> Double {
      gradients[entry.parameter.range].reduce(0) { $0 + Double($1 * $1) }.squareRoot()
    }
    let longest = trained.map(length).max() ?? 0
    var checked = 0
    for entry in trained {
      let length = length(entry)
      // The rounding of a loss hides the slopes of others.
      guard length > 0.01 * longest else { continue }
      checked += 1
      let before = parameters.array(of: entry.parameter)
      let gradient = gradients[entry.parameter.range]
      func moved(by distance: Double) -> Double {
        parameters.withMutableValues(of: entry.parameter) { values in
          for (i, slope) in gradient.enumerated() {
            values[i] = before[i] + Float(distance / length) * slope
          }
        }
        defer { _ = step.takeGradients() }
        return value()
      }
      let slope = (moved(by: 0.005) - moved(by: -0.005)) / 0.01
      #expect(
        abs(slope - length) < 0.02 * length + 1e-4 * longest, "\(entry.name): \(slope), \(length)")
      parameters.withMutableValues(of: entry.parameter) { values in
        for i in values.indices { values[i] = before[i] }
      }
    }
    #expect(checked > (hasAdapters ? 20 : 15), "\(checked) of \(trained.count)")
  }

  /// Products of operands with 8 bits of precision, as in `WholeModelTests`.
  @Test(.enabled(if: Precision.bf16.isAvailable, "the processor has no products in bfloat16"))
  func bfloat16() throws {
    func gradients(_ precision: Precision) throws -> (Double, [Float], TinyTraining) {
      let training = try Self.training()
      let step = step(training, StepOptions(precision: precision, workers: 2))
      let value = step.accumulate(
        training.batch(0..<4, workers: 2), try Loss("softmax"),
        dropout: DropoutKey(seed: 3, step: 1))
      return (value, step.takeGradients(), training)
    }
    let (value, exact, training) = try gradients(.f32)
    let (rounded, other, _) = try gradients(.bf16)
    #expect(abs(rounded - value) < 0.02 * value && rounded != value)
    let entries = training.model.parameters.table.entries
    func length(_ values: [Float]) -> Double {
      values.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
    }
    let longest = entries.map { length(Array(exact[$0.parameter.range])) }.max() ?? 0
    for entry in entries {
      let own = Array(exact[entry.parameter.range])
      guard length(own) > 1e-3 * longest else { continue }
      let distance = length(zip(own, other[entry.parameter.range]).map { $0 - $1 })
      #expect(distance < 0.2 * length(own), "\(entry.name): \(distance) of \(length(own))")
    }
  }

  /// Steps lower the loss of lists that they repeat, with dropout.
  @Test(arguments: [false, true]) func learns(_ hasAdapters: Bool) throws {
    try learns(.f32, hasAdapters)
  }

  @Test(
    .enabled(if: Precision.bf16.isAvailable, "the processor has no products in bfloat16"),
    arguments: [false, true])
  func learnsInBF16(_ hasAdapters: Bool) throws { try learns(.bf16, hasAdapters) }

  private func learns(_ precision: Precision, _ hasAdapters: Bool) throws {
    let training = try Self.training(adapters: hasAdapters ? Self.plan : nil)
    let fixed = training.model.parameters.table.entries.filter(\.isFixed)
    let step = step(training, StepOptions(precision: precision, workers: 2))
    let batch = training.batch(0..<4, workers: 2)
    let loss = try Loss("softmax")
    func value() -> Double {
      defer { _ = step.takeGradients() }
      return step.accumulate(batch, loss, dropout: nil)
    }
    let before = value()
    let norms = fixed.filter { $0.use == .any }.map {
      training.model.parameters.array(of: $0.parameter)
    }
    for i in 1...30 {
      #expect(
        step.accumulate(batch, loss, dropout: DropoutKey(seed: 3, step: UInt32(i))).isFinite)
      _ = step.apply(count: i, rate: 5e-3)
    }
    #expect(value() < 0.8 * before, "\(value()) after \(before)")
    #expect(fixed.isEmpty != hasAdapters)
    for (entry, values) in zip(fixed.filter { $0.use == .any }, norms) {
      #expect(training.model.parameters.array(of: entry.parameter) == values, "\(entry.name)")
    }
  }

  #if !DEBUG
    /// The token that the decoder begins with is a row of every step.
    @Test(
      .enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"),
      arguments: [false, true])
    func steadyStepsAllocateNothing(_ hasAdapters: Bool) async {
      await #expect(processExitsWith: .success) { [hasAdapters] in
        let training = try Self.training(adapters: hasAdapters ? Self.plan : nil)
        let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
        #expect(training.model.commonLookupRow == 0)
        let loss = try Loss("softmax")
        let batches = [0..<8, 4..<8, 8..<12].map { training.batch($0, workers: 2) }
        var count = 0
        func round(_ batch: TrainingBatch<PackedBatch>) {
          count += 1
          TrainingStepTests.twoParts(step, batch, loss, count)
        }
        // Twice, since memory in one piece is split otherwise than memory that grew.
        for batch in batches + batches { round(batch) }
        TrainingStepTests.multiplyOnTwoThreadsAtOnce()
        ltr_allocations_start()
        for _ in 0..<5 {
          for batch in batches { round(batch) }
        }
        let allocations = ltr_allocations_stop()
        #expect(allocations == 0)
      }
    }
  #endif
}
