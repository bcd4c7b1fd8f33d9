import Autodiff
import Diagnostics
import Foundation
import ModelSupport
import Models
import Options
import Ranking
import Scoring
import Tensors
import Testing
import Training

/// Steps in bounded memory, of models that stay partly as they are, and of tables with many rows.
@Suite struct SlicingTests {
  private func gradients(
    _ training: TinyTraining, _ options: StepOptions, loss: String, dropout: DropoutKey?
  ) throws -> (loss: Double, gradients: [Double], memory: Int) {
    let step = TrainingStep(training.model, AdamWOptions(), options)
    let batch = training.batch(0..<12, workers: step.workerCount)
    let value = step.accumulate(batch, try Loss(loss), dropout: dropout)
    return (value, step.takeGradients().map(Double.init), step.activationMemory)
  }

  /// Slices give the gradients of one pass, dropout included: only the order of sums differs.
  @Test(arguments: ["softmax", "lambdarank", "bce"], [Precision.f32, .bf16])
  func slicesGiveTheGradientsOfOnePass(_ loss: String, _ precision: Precision) throws {
    let training = try TinyTraining(dropout: 0.2)
    let key = DropoutKey(seed: 3, step: 5)
    let whole = try gradients(
      training, StepOptions(precision: precision, workers: 2), loss: loss, dropout: key)
    for tokens in [1, 100, 700] {
      let options = StepOptions(precision: precision, workers: 2, sliceTokens: tokens)
      let sliced = try gradients(training, options, loss: loss, dropout: key)
      // Products in bfloat16 round what comes in, not how it is summed up.
      #expect(abs(sliced.loss - whole.loss) < (precision == .f32 ? 1e-6 : 1e-5))
      let scale = whole.gradients.map(abs).max() ?? 0
      for (a, b) in zip(sliced.gradients, whole.gradients) {
        #expect(abs(a - b) < (precision == .f32 ? 1e-5 : 1e-3) * max(scale, 1e-3))
      }
      if tokens < 700 { #expect(sliced.memory < whole.memory, "\(tokens) tokens a slice") }
    }
  }

  /// Segments of layers that are computed once more give the bits of one pass, dropout included, in
  /// less memory; with slices, those of the slices.
  @Test(arguments: [nil, 100], [Precision.f32, .bf16])
  func segmentsGiveTheBitsOfOnePass(_ slice: Int?, _ precision: Precision) throws {
    let training = try TinyTraining(dropout: 0.2, layers: 6)
    let key = DropoutKey(seed: 3, step: 5)
    func pass(_ layers: Int?) throws -> (loss: Double, gradients: [Double], memory: Int) {
      let options = StepOptions(
        precision: precision, workers: 2, sliceTokens: slice, layersPerSegment: layers)
      return try gradients(training, options, loss: "lambdarank", dropout: key)
    }
    let whole = try pass(nil)
    for layers in [1, 2, 4, 5, 6, 1000] {
      let found = try pass(layers)
      #expect(found.loss == whole.loss, "\(layers) layers")
      #expect(found.gradients == whole.gradients, "\(layers) layers")
      if layers < 4, slice == nil { #expect(found.memory < whole.memory, "\(layers) layers") }
    }
  }

  /// Frozen layers below segments.
  @Test(arguments: [
    FrozenParts(embeddings: true, layers: [0]), FrozenParts(embeddings: true, layers: [0, 1]),
    FrozenParts(embeddings: true), FrozenParts(layers: [1, 2]),
  ])
  func segmentsAboveFrozenParts(_ frozen: FrozenParts) throws {
    let training = try TinyTraining(dropout: 0.1, layers: 4)
    let key = DropoutKey(seed: 3, step: 5)
    func pass(_ layers: Int?) throws -> [Double] {
      let options = StepOptions(workers: 2, frozen: frozen, layersPerSegment: layers)
      return try gradients(training, options, loss: "softmax", dropout: key).gradients
    }
    let whole = try pass(nil)
    for layers in [1, 2, 3] { #expect(try pass(layers) == whole, "\(layers) layers") }
  }

  /// What is kept with segments is no more than is reckoned with.
  @Test(arguments: [Precision.f32, .bf16], [1, 2])
  func memoryOfSegmentsIsReckonedFromAbove(_ precision: Precision, _ layers: Int) throws {
    let training = try TinyTraining(layers: 12)
    let step = TrainingStep(
      training.model, AdamWOptions(),
      StepOptions(precision: precision, workers: 1, layersPerSegment: layers))
    let batch = training.batch(0..<12, workers: 1)
    for _ in 0..<2 { _ = step.accumulate(batch, try Loss("softmax"), dropout: nil) }
    let blueprint = training.model.blueprint
    let reckoned = blueprint.activationBytes(precision, layersPerSegment: layers) * batch.tokens
    #expect(step.activationMemory < reckoned + 4_000_000)
    #expect(2 * reckoned < blueprint.activationBytes(precision) * batch.tokens)
  }

  /// What is kept for a token is no more than is reckoned with, and not much less.
  @Test(arguments: [Precision.f32, .bf16])
  func memoryIsReckonedFromAbove(_ precision: Precision) throws {
    let training = try TinyTraining()
    let step = TrainingStep(
      training.model, AdamWOptions(), StepOptions(precision: precision, workers: 1))
    let batch = training.batch(0..<12, workers: 1)
    for _ in 0..<2 { _ = step.accumulate(batch, try Loss("softmax"), dropout: nil) }
    let reckoned = training.model.blueprint.activationBytes(precision) * batch.tokens
    // A tiny model's slices, scratch and rounding to cache lines weigh more than those of a real
    // one.
    let fixed = 4_000_000
    #expect(step.activationMemory < reckoned + fixed)
    #expect(step.activationMemory > reckoned / 2)
  }

  /// A budget that does not hold the model is refused with what would; one that does gives slices
  /// that grow with it.
  @Test func budgets() throws {
    let model = try TinyTraining().model
    func tokens(_ budget: Int) throws -> Int {
      try sliceTokens(model, .f32, memoryBudget: budget, workers: 2, maximumLength: 48)
    }
    let failure = #expect(throws: Failure.self) { try tokens(1000) }
    let message = failure?.description ?? ""
    #expect(message.contains("a memory budget of 0 MB is too small for the model"))
    #expect(message.contains("with 2 workers and 48 tokens"))
    let perToken = 2 * model.blueprint.activationBytes(.f32)
    let fixed = 20 * model.parameters.table.count
    #expect(try tokens(fixed + 48 * perToken) == 48)
    #expect(try tokens(fixed + 1000 * perToken + 7) == 1000)
    #expect(throws: Failure.self) { try tokens(fixed + 47 * perToken) }
    // The moving average of the weights is as large as they are, and segments store less.
    func others(_ budget: Int, averages: Bool, layers: Int?) throws -> Int {
      try sliceTokens(
        model, .f32, memoryBudget: budget, workers: 2, maximumLength: 48, averages: averages,
        layersPerSegment: layers)
    }
    let average = 4 * model.parameters.table.count
    #expect(
      try others(fixed + average + 100 * perToken, averages: true, layers: nil) == 100)
    #expect(try others(fixed + 100 * perToken, averages: false, layers: 1) > 120)
    #expect(try others(fixed + 100 * perToken, averages: false, layers: 2) == 100)
  }

  /// Frozen parameters keep every bit, the others learn what they learn without them frozen.
  @Test(arguments: [
    FrozenParts(embeddings: true), FrozenParts(embeddings: true, layers: [0]),
    FrozenParts(layers: [0]), FrozenParts(layers: [1]),
    FrozenParts(embeddings: true, layers: [0, 1]),
  ])
  func freezing(_ frozen: FrozenParts) throws {
    let training = try TinyTraining(dropout: 0.1)
    let model = training.model
    let before = model.parameters.values.array
    let key = DropoutKey(seed: 1, step: 1)
    let free = try gradients(training, StepOptions(workers: 2), loss: "softmax", dropout: key)
    let bound = try gradients(
      training, StepOptions(workers: 2, frozen: frozen), loss: "softmax", dropout: key)
    #expect(bound.loss == free.loss)
    if frozen.embeddings, frozen.layers.contains(0) { #expect(bound.memory < free.memory) }
    let step = TrainingStep(model, AdamWOptions(), StepOptions(workers: 2, frozen: frozen))
    for i in 1...3 {
      _ = step.accumulate(training.batch(0..<4, workers: 2), try Loss("softmax"), dropout: nil)
      _ = step.apply(count: i, rate: 1e-3)
    }
    let after = model.parameters.values.array
    var (kept, moved) = (0, 0)
    for entry in model.parameters.table.entries {
      let range = entry.parameter.range
      let isFrozen =
        entry.name.hasPrefix("bert.embeddings.")
        ? frozen.embeddings
        : frozen.layers.contains { entry.name.hasPrefix("bert.encoder.layer.\($0).") }
      if isFrozen {
        #expect(after[range] == before[range], "\(entry.name)")
        kept += 1
      } else {
        #expect(after[range] != before[range], "\(entry.name)")
        for i in range { #expect(bound.gradients[i] == free.gradients[i]) }
        moved += 1
      }
    }
    #expect(kept > 0 && moved > 0)
  }

  /// The table of words goes row by row and gives the bits of an optimizer that goes through all of
  /// it: rows without a gradient so far only decay.
  @Test func rowsGiveTheBitsOfTheWhole() throws {
    let training = try TinyTraining()
    let model = training.model
    let table = model.parameters.table
    let weights = Storage(count: table.count)
    weights.floats.copy(from: model.parameters.values.floats)
    let gradient = Storage(count: table.count)
    let options = AdamWOptions(weightDecay: 0.5, clip: nil)
    let dense = AdamW(table, options)
    let step = TrainingStep(model, options, StepOptions(workers: 2))
    let reader = TrainingStep(model, options, StepOptions(workers: 2))
    let loss = try Loss("softmax")
    // Other lists every step, so that rows come up late or not at all.
    for i in 1...4 {
      let batch = training.batch(2 * i..<2 * i + 2, workers: 2)
      _ = reader.accumulate(batch, loss, dropout: nil)
      gradient.floats.copy(from: reader.takeGradients().span)
      _ = step.accumulate(batch, loss, dropout: nil)
      _ = step.apply(count: i, rate: 1e-3)
      for run in dense.runs {
        dense.update(run, weights.floats, gradient.floats, AdamWUpdate(count: i, rate: 1e-3))
      }
    }
    #expect(model.parameters.values.array == weights.array)
    #expect(step.optimizer.second.array == dense.second.array)
    withExtendedLifetime((weights, gradient, dense, step)) {}
  }
}
