import Autodiff
import Batches
import CAllocations
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Options
import Persistence
import Ranking
import Scoring
import Tensors
import TestSupport
import Testing
import Training

/// Training of low-rank adapters and the score head, with all else fixed.
@Suite(.serialized) struct AdapterTrainingTests {
  private static var plan: AdapterPlan {
    var plan = AdapterPlan()
    (plan.rank, plan.dropout) = (4, 0.1)
    return plan
  }

  private func trained(
    _ training: TinyTraining, _ options: StepOptions, steps: Int = 4
  ) throws -> [String: [Float]] {
    let step = TrainingStep(training.model, AdamWOptions(), options)
    let loss = try Loss("lambdarank")
    for i in 0..<steps {
      let batch = training.batch(i..<i + 4, workers: step.workerCount)
      let value = step.accumulate(batch, loss, dropout: DropoutKey(seed: 3, step: UInt32(i)))
      #expect(value.isFinite)
      _ = step.apply(count: i + 1, rate: 1e-2)
    }
    let parameters = training.model.parameters
    return Dictionary(
      uniqueKeysWithValues: parameters.table.entries.filter { !$0.isFixed }.map {
        ($0.name, parameters.array(of: $0.parameter))
      })
  }

  /// The base stays as it is, bit for bit; all adapters and the head change.
  @Test func baseIsUnchanged() throws {
    let training = try TinyTraining(adapters: Self.plan)
    let parameters = training.model.parameters
    let before = parameters.array
    let after = try trained(training, StepOptions(workers: 2))
    for entry in parameters.table.entries {
      let old = Array(before[entry.parameter.range])
      if entry.isFixed {
        #expect(parameters.array(of: entry.parameter) == old, "\(entry.name)")
      } else {
        #expect(after[entry.name] != old, "\(entry.name)")
      }
    }
  }

  /// Segments and slices draw the same dropout, segments with the same bits.
  @Test func segmentsAndSlices() throws { try segmentsAndSlices(.f32) }

  @Test(.enabled(if: Precision.bf16.isAvailable, "the processor has no products in bfloat16"))
  func segmentsAndSlicesInBF16() throws { try segmentsAndSlices(.bf16) }

  private func segmentsAndSlices(_ precision: Precision) throws {
    func train(_ change: (inout StepOptions) -> Void) throws -> [String: [Float]] {
      var options = StepOptions(precision: precision, workers: 2)
      change(&options)
      return try trained(TinyTraining(layers: 4, adapters: Self.plan), options)
    }
    let whole = try train { _ in }
    #expect(try train { $0.layersPerSegment = 1 } == whole)
    #expect(try train { $0.layersPerSegment = 3 } == whole)
    let sliced = try train { $0.sliceTokens = 100 }
    // Gradients are added in another order, and Adam makes a whole step of a gradient that is
    // rounding error; all other values move alike. With other masks nearly none would.
    var alike = 0
    var count = 0
    for (name, values) in whole {
      let other = try #require(sliced[name])
      alike += zip(values, other).count { abs($0 - $1) < 4e-4 }
      count += values.count
    }
    #expect(Double(alike) > 0.9 * Double(count), "\(alike) of \(count)")
  }

  /// Only the layers with adapters and those above them are recorded.
  @Test func lowerLayersAreNotRecorded() throws {
    func memory(_ layers: Set<Int>?) throws -> Int {
      var plan = Self.plan
      plan.layers = layers
      let training = try TinyTraining(layers: 6, adapters: plan)
      let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 1))
      _ = step.accumulate(training.batch(0..<4, workers: 1), try Loss("softmax"), dropout: nil)
      return step.activationMemory
    }
    #expect(try memory([5]) * 2 < memory(nil))
  }

  #if !DEBUG
    @Test(.enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"))
    func steadyStepsAllocateNothing() async {
      await #expect(processExitsWith: .success) {
        let training = try TinyTraining(adapters: Self.plan)
        let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
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

  private func bench(
    _ collection: TinyCollection, _ precision: Precision, _ directory: RunDirectory? = nil
  ) throws -> TrainerTests.Bench {
    try TrainerTests.Bench(collection, in: directory, adapters: Self.plan) {
      $0.precision = precision
    }
  }

  /// A run that is interrupted and resumed ends with the bits of one that was not; its files hold
  /// nothing of the base, and are models all the same.
  @Test func resumedRunsEndTheSame() throws { try resumedRunsEndTheSame(.f32) }

  @Test(.enabled(if: Precision.bf16.isAvailable, "the processor has no products in bfloat16"))
  func resumedRunsEndTheSameInBF16() throws { try resumedRunsEndTheSame(.bf16) }

  private func resumedRunsEndTheSame(_ precision: Precision) throws {
    let collection = try TinyCollection()
    let whole = try bench(collection, precision)
    let end = try whole.trainer.run { false }
    let first = try bench(collection, precision)
    let checkpoint = try first.interrupted(after: 5)
    let part = try bench(collection, precision, first.directory)
    try part.trainer.resume(from: checkpoint)
    #expect(try part.trainer.run { false } == end)
    for entry in part.model.parameters.table.entries where !entry.isFixed {
      #expect(
        part.model.parameters.array(of: entry.parameter)
          == whole.model.parameters.array(of: entry.parameter), "\(entry.name)")
    }
    let newest = try #require(part.directory.newestCheckpoint)
    for file in [newest, part.directory.best] {
      let reader = try CheckpointReader(file)
      let weights = reader.entries.map(\.path).filter { $0.hasPrefix("/model/") }
      #expect(weights.count == 12 * 2 + 4)
      #expect(
        weights.allSatisfy { path in
          ["lora_A", "lora_B", "classifier", "pooler"].contains { path.contains($0) }
        })
    }
  }

  /// A base of other values is refused when a run resumes.
  @Test func resumingWithAnotherBase() throws {
    let first = try bench(TinyCollection(), .f32)
    let checkpoint = try first.interrupted(after: 3)
    var other = TinyModel()
    other.tensors["bert.embeddings.LayerNorm.bias"]?.values[0] += 1
    let model = try CrossEncoder(ModelSource(other.written()), seed: 1, Self.plan)
    let step = TrainingStep(model, AdamWOptions(), StepOptions(workers: 2))
    let failure = try #require(throws: Failure.self) {
      try TrainingCheckpoint.read(checkpoint, into: step, recipe: "seed: 7\n")
    }
    #expect(failure.kind == .badData && failure.problem.contains("other weights"))
  }

  /// The best model of a run, read with its base: merged and as it was trained.
  @Test func savedAndLoaded() throws {
    let collection = try TinyCollection()
    let bench = try bench(collection, .f32)
    _ = try bench.trainer.run { false }
    let merged = try CrossEncoder(
      ModelSource(bench.directory.best), seed: 1, for: .scoring(label: nil))
    #expect(merged.fresh.isEmpty && !merged.hasAdapters)
    var tokens = PairTokens(bench.model.tokenizer)
    let pairs = (0..<8).map { i in
      Pair(
        query: tokens.append(query: TinyModel.text(words: 4, seed: UInt64(i))),
        document: tokens.append(document: TinyModel.text(words: 20, seed: UInt64(i + 50))))
    }
    func scores(_ model: CrossEncoder) -> [Float] {
      ItemScorer(model, reduced: nil, workers: 1).scores(of: pairs, in: tokens, maximumLength: 40)
    }
    for (a, b) in zip(scores(merged), scores(bench.model)) { #expect(abs(a - b) < 1e-5) }

    // The checkpoint knows the values of its base.
    let folder = try ModelSource(bench.directory.best).basePath
    var other = TinyModel(seed: 2)
    other.tensors["classifier.bias"]?.values = [9]
    try other.write(to: URL(filePath: folder))
    let failure = try #require(throws: Failure.self) {
      try CrossEncoder(ModelSource(bench.directory.best), seed: 1)
    }
    #expect(failure.kind == .badData && failure.problem.contains("other weights than at training"))
    try FileManager.default.removeItem(atPath: folder)
    let gone = try #require(throws: Failure.self) { try ModelSource(bench.directory.best) }
    #expect(gone.kind == .missingInput)
  }
}
