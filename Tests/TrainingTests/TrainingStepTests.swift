import Autodiff
import Batches
import CAllocations
import Foundation
import Lists
import Models
import Options
import Ranking
import Tensors
import Testing
import Training

@Suite struct TrainingStepTests {
  #if DEBUG
    @Test(.disabled("only a release build is free of allocations"))
    func steadyStepsAllocateNothing() {}
  #else
    /// After steps with the largest sizes, a step takes no memory on any thread: in a process of
    /// its own, where no other test does.
    @Test(
      .enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"),
      // What smooth sorting keeps depends on the scores, so its memory may grow in any step.
      arguments: Losses.all.map(\.name).filter { !["neuralndcg", "pirank"].contains($0) },
      [false, true])
    func steadyStepsAllocateNothing(_ name: String, _ isWeighted: Bool) async {
      await #expect(processExitsWith: .success) { [name, isWeighted] in
        let training = try TinyTraining()
        let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
        let loss = try Loss(name)
        let batches = [0..<8, 4..<8, 8..<12].map {
          training.batch($0, workers: 2, isWeighted: isWeighted)
        }
        var count = 0
        func round(_ batch: TrainingBatch<PackedBatch>) {
          count += 1
          Self.twoParts(step, batch, loss, count)
        }
        for batch in batches { round(batch) }
        Self.multiplyOnTwoThreadsAtOnce()
        ltr_allocations_start()
        for _ in 0..<5 {
          for batch in batches { round(batch) }
        }
        let allocations = ltr_allocations_stop()
        #expect(allocations == 0)
      }
    }
  #endif

  /// A step over a batch in two parts.
  static func twoParts(
    _ step: TrainingStep<CrossEncoder>, _ batch: TrainingBatch<PackedBatch>, _ loss: Loss,
    _ count: Int
  ) {
    let key = DropoutKey(seed: 1, step: UInt32(count))
    _ = step.accumulate(batch, loss, dropout: key, scale: 0.5)
    _ = step.accumulate(batch, loss, dropout: key, scale: 0.5)
    _ = step.apply(count: count, rate: 1e-4)
  }

  /// OpenBLAS maps a buffer for itself the first time two threads multiply at the same moment, and
  /// keeps it; in steps of a tiny model that moment may come late. Here it comes for certain.
  static func multiplyOnTwoThreadsAtOnce() {
    let size = 256
    let memory = Storage(count: 4 * size * size)
    let team = Workers(count: 2) { worker in
      let part = memory.floats[2 * worker * size * size..<2 * (worker + 1) * size * size]
      let matrix = Matrix(part, rows: size, columns: size)
      let product = Matrix(part[size * size..<2 * size * size], rows: size, columns: size)
      for _ in 0..<100 {
        Matrix.multiply(matrix, matrix.transposed, into: product, adding: false)
      }
    }
    team.run()
    team.stop()
  }

  /// The counter counts: a test that it guards could not fail otherwise.
  @Test(.enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"))
  func allocationsAreCounted() async {
    await #expect(processExitsWith: .success) {
      ltr_allocations_start()
      let memory = (0..<100).map { [Int](repeating: $0, count: 100 + $0) }
      let allocations = ltr_allocations_stop()
      #expect(allocations >= 100 && memory.count == 100)
    }
  }

  @Test(arguments: [1, 2, 3], [Precision.f32, .bf16])
  func sameSeedSameBits(_ workers: Int, _ precision: Precision) throws {
    let first = try TinyTraining().trained(steps: 10, workers: workers, precision: precision)
    let second = try TinyTraining().trained(steps: 10, workers: workers, precision: precision)
    #expect(first == second)
    let start = try TinyTraining().model.parameters.values.array
    #expect(first != start)
  }

  /// Other workers add in another order: the same within rounding. The biases of keys and of the
  /// score are left out: their gradients are zero in exact arithmetic, since no softmax and no
  /// difference of scores sees them, and Adam makes steps of what rounding leaves.
  @Test func numberOfWorkersIsRounding() throws {
    let training = try TinyTraining()
    let entries = training.model.parameters.table.entries
    let one = try training.trained(steps: 10, workers: 1)
    for workers in [2, 3] {
      let other = try TinyTraining().trained(steps: 10, workers: workers)
      var worst: Float = 0
      for entry in entries
      where !entry.name.hasSuffix("key.bias") && entry.name != "classifier.bias" {
        for i in entry.parameter.range {
          worst = max(worst, abs(one[i] - other[i]) / max(1, abs(one[i])))
        }
      }
      #expect(worst < 1e-5, "\(workers) workers")
    }
  }

  /// The gradients of products in bfloat16 point where those in 32 bits point: the rounding of each
  /// is random, so they differ by about as much as single products do (PrecisionTests).
  @Test func bfloat16Gradients() throws {
    let training = try TinyTraining()
    let loss = try Loss("lambdarank")
    let batch = training.batch(0..<12, workers: 2)
    func gradients(_ precision: Precision) -> [Double] {
      let step = TrainingStep(
        training.model, AdamWOptions(), StepOptions(precision: precision, workers: 2))
      #expect((step.reduced == nil) == (precision == .f32))
      _ = step.accumulate(batch, loss, dropout: DropoutKey(seed: 1, step: 1))
      return step.takeGradients().map(Double.init)
    }
    let (exact, found) = (gradients(.f32), gradients(.bf16))
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let cosine = dot(exact, found) / (dot(exact, exact) * dot(found, found)).squareRoot()
    #expect(cosine > 0.999 && cosine < 0.999_999_9, "cosine \(cosine)")
  }

  /// After an update the weights that products read are the new ones, rounded; no product reads the
  /// tables of embeddings.
  @Test func bfloat16FollowsWeights() throws {
    let training = try TinyTraining()
    let step = TrainingStep(
      training.model, AdamWOptions(), StepOptions(precision: .bf16, workers: 2))
    _ = step.accumulate(training.batch(0..<4, workers: 2), try Loss("softmax"), dropout: nil)
    _ = step.apply(count: 1, rate: 1e-2)
    let fresh = try #require(ReducedWeights(training.model.parameters, .bf16))
    let entries = training.model.parameters.table.entries
    #expect(entries.count { $0.use == .lookup } == 3)
    try withExtendedLifetime((step, fresh)) {
      let kept = try #require(step.reduced?.bfloats).array
      let expected = try #require(fresh.bfloats).array
      for entry in entries where entry.use != .lookup {
        #expect(kept[entry.parameter.range] == expected[entry.parameter.range], "\(entry.name)")
      }
    }
  }

  @Test func dropoutDoesNotDependOnWorkers() throws {
    let training = try TinyTraining(dropout: 0.3)
    let loss = try Loss("softmax")
    func scores(_ workers: Int, _ key: DropoutKey?) -> [Double] {
      let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: workers))
      _ = step.accumulate(training.batch(0..<12, workers: workers), loss, dropout: key)
      return step.lastScores
    }
    let key = DropoutKey(seed: 4, step: 2)
    let one = scores(1, key)
    #expect(zip(one, scores(1, nil)).contains { abs($0 - $1) > 1e-2 }, "dropout is on")
    for workers in [2, 3, 7] { expectNear(scores(workers, key), one, 1e-5, "\(workers) workers") }
    #expect(scores(1, DropoutKey(seed: 4, step: 3)) != one)
  }

  /// Half the gradient twice is the gradient, and what was taken is gone.
  @Test func accumulation() throws {
    let training = try TinyTraining()
    let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
    let loss = try Loss("softmax")
    let batch = training.batch(0..<6, workers: 2)
    let value = step.accumulate(batch, loss, dropout: nil)
    let whole = step.takeGradients()
    #expect(step.takeGradients().allSatisfy { $0 == 0 })
    #expect(step.accumulate(batch, loss, dropout: nil, scale: 0.5) == value)
    _ = step.accumulate(batch, loss, dropout: nil, scale: 0.5)
    expectNear(
      step.takeGradients().map(Double.init), whole.map(Double.init), 1e-5, "gradient in halves")
  }

  /// Weights of lists and items, and a teacher's scores, are those of the loss: a list of weight 0
  /// is as good as not there, and so are items. Products of other shapes round otherwise, by some
  /// units in the last of 24 places.
  @Test func weights() throws {
    let training = try TinyTraining()
    let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
    let loss = try Loss("mse")
    func value(_ lists: [TrainingList]) -> Double {
      var batch = TrainingBatch<PackedBatch>(workers: 2)
      batch.fill(lists, from: training.tokens, maximumLength: 48)
      let value = step.accumulate(batch, loss, dropout: nil)
      _ = step.takeGradients()
      return value
    }
    let (first, second) = (training.lists[0], training.lists[1])
    let alone = value([first])
    var ignored = second
    ignored.weight = 0
    #expect(abs(value([first, ignored]) - alone) < 1e-6)
    ignored.weight = 1
    ignored.weights = [Double](repeating: 0, count: ignored.documents.count)
    #expect(abs(value([first, ignored]) - alone) < 1e-6)
    #expect(abs(value([first, second]) - alone) > 1e-3)
    // A batch forgets the weights of the one before it.
    var batch = TrainingBatch<PackedBatch>(workers: 2)
    ignored.teachers = [Double](repeating: 2, count: ignored.documents.count)
    batch.fill([first, ignored], from: training.tokens, maximumLength: 48)
    #expect(batch.itemWeights == first.labels.map { _ in 1 } + ignored.weights)
    #expect(batch.listWeights.isEmpty, "all are 1")
    let count = first.documents.count
    #expect(batch.teachers[..<count].allSatisfy { $0.isNaN })
    #expect(batch.teachers[count...].allSatisfy { $0 == 2 })
    batch.fill([first, second], from: training.tokens, maximumLength: 48)
    #expect(batch.itemWeights.isEmpty && batch.listWeights.isEmpty && batch.teachers.isEmpty)
  }

  /// With the first stage's scores o the loss is that of the sums: the mean square of s + o − y is
  /// that of s − (y − o), with the same gradient, to the rounding of sums in 64 bits.
  @Test func firstStageScoresAreAdded() throws {
    let training = try TinyTraining()
    let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
    let loss = try Loss("mse")
    func result(_ lists: [TrainingList]) -> (loss: Double, gradient: [Double]) {
      var batch = TrainingBatch<PackedBatch>(workers: 2)
      batch.fill(lists, from: training.tokens, maximumLength: 48)
      let value = step.accumulate(batch, loss, dropout: nil)
      return (value, step.takeGradients().map(Double.init))
    }
    // The second list has none, which are zeros.
    var added = [training.lists[0], training.lists[1]]
    added[0].firstStage = added[0].documents.indices.map { 0.5 - Double($0) / 3 }
    var moved = added
    moved[0].firstStage = []
    moved[0].labels = zip(added[0].labels, added[0].firstStage).map { $0 - $1 }
    let (a, b) = (result(added), result(moved))
    #expect(abs(a.loss - b.loss) < 1e-12)
    expectNear(a.gradient, b.gradient, 1e-6, "gradient")
    let plain = result([training.lists[0], training.lists[1]])
    #expect(abs(a.loss - plain.loss) > 1e-3)
  }

  /// The loss falls on lists that are seen again and again.
  @Test func learns() throws {
    let training = try TinyTraining(lists: 4, dropout: 0)
    let step = TrainingStep(training.model, AdamWOptions(), StepOptions(workers: 2))
    let loss = try Loss("softmax")
    let batch = training.batch(0..<4, workers: 2)
    let first = step.accumulate(batch, loss, dropout: nil)
    _ = step.takeGradients()
    var last = first
    for i in 0..<60 {
      last = step.accumulate(batch, loss, dropout: nil)
      _ = step.apply(count: i + 1, rate: 1e-3)
    }
    #expect(last < first - 0.2, "from \(first) to \(last)")
  }

  /// Every pair is in exactly one shard, under the row it has in the whole batch.
  @Test func batches() throws {
    let training = try TinyTraining()
    for workers in [1, 2, 5, 100] {
      let batch = training.batch(0..<12, workers: workers)
      #expect(batch.pairs == training.lists.reduce(0) { $0 + $1.documents.count })
      #expect(batch.shards.flatMap(\.members).sorted() == (0..<Int32(batch.pairs)).map { $0 })
      #expect(batch.shards.flatMap(\.identity).sorted() == (0..<Int32(batch.tokens)).map { $0 })
      #expect(batch.labels == training.lists.flatMap(\.labels))
      #expect(batch.listOffsets.count == 13 && batch.listOffsets.last == batch.pairs)
    }
  }
}
