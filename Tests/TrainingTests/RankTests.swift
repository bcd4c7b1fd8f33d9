import Autodiff
import Batches
import CollectiveSupport
import Collectives
import Foundation
import ModelFiles
import ModelSupport
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

/// Ranks that train one model together, each on a thread of its own.
@Suite struct RankTests {
  /// Whatever the number of ranks, a batch has the same labels, and the shards of all ranks are
  /// those of one rank with all workers.
  @Test(arguments: [1, 2, 3], [1, 2])
  func sameBatch(_ count: Int, _ workers: Int) throws {
    let training = try TinyTraining()
    func batch(workers: Int, rank: Int, ranks: Int) -> TrainingBatch<PackedBatch> {
      var batch = TrainingBatch<PackedBatch>(workers: workers, rank: rank, ranks: ranks)
      batch.fill(training.lists, from: training.tokens, maximumLength: 48)
      return batch
    }
    let whole = batch(workers: workers * count, rank: 0, ranks: 1)
    for rank in 0..<count {
      let part = batch(workers: workers, rank: rank, ranks: count)
      #expect(part.labels == whole.labels && part.listOffsets == whole.listOffsets)
      #expect(part.tokens == whole.tokens && part.pairs == whole.pairs)
      for (shard, expected) in zip(part.shards, whole.shards[(rank * workers)...]) {
        #expect(shard.members == expected.members && shard.ids == expected.ids)
        #expect(shard.identity == expected.identity, "dropout sees the rows of the whole batch")
      }
    }
  }

  /// The loss and the gradients of a batch, as each rank has them.
  private func gradients(
    ranks count: Int, workers: Int, _ loss: String, _ frozen: FrozenParts
  ) throws -> [(loss: Double, values: [Float])] {
    try ranks(count) { collective in
      let training = try TinyTraining(dropout: 0.2)
      let step = TrainingStep(
        training.model, AdamWOptions(), StepOptions(workers: workers, frozen: frozen),
        collective: collective)
      var batch = step.emptyBatch
      batch.fill(training.lists, from: training.tokens, maximumLength: 48)
      let value = step.accumulate(
        batch, try Loss(loss), dropout: DropoutKey(seed: 3, step: 5))
      return (value, step.takeGradients())
    }
  }

  /// Lists lie across ranks, and each rank has the loss and the gradients of the whole batch, to the
  /// bit: ranks of one worker each add in the order in which workers do. With several workers a rank
  /// adds its own first, which differs by the rounding of a sum of six.
  @Test(arguments: ["softmax", "lambdarank"], [false, true])
  func sameGradients(_ loss: String, _ freezes: Bool) throws {
    let frozen = FrozenParts(embeddings: freezes)
    for count in [2, 3] {
      let alone = try gradients(ranks: 1, workers: count, loss, frozen)[0]
      for found in try gradients(ranks: count, workers: 1, loss, frozen) {
        #expect(found.loss == alone.loss)
        #expect(found.values == alone.values, "\(count) ranks")
      }
    }
    let alone = try gradients(ranks: 1, workers: 6, loss, frozen)[0]
    let scale = max(alone.values.map(abs).max() ?? 0, 1e-3)
    for (count, workers) in [(2, 3), (3, 2)] {
      let found = try gradients(ranks: count, workers: workers, loss, frozen)
      for rank in found {
        #expect(rank.loss == alone.loss && rank.values == found[0].values)
        for (a, b) in zip(rank.values, alone.values) { #expect(abs(a - b) < 1e-6 * scale) }
      }
    }
  }

  /// The losses of some steps on other lists each, two batches a step, and the weights after them.
  private func trained(
    ranks count: Int, workers: Int
  ) throws -> [(losses: [Double], weights: [Float])] {
    try ranks(count) { collective in
      let training = try TinyTraining()
      let step = TrainingStep(
        training.model, AdamWOptions(weightDecay: 0.5), StepOptions(workers: workers),
        collective: collective)
      let loss = try Loss("lambdarank")
      var batch = step.emptyBatch
      var losses: [Double] = []
      for i in 0..<6 {
        for half in 0..<2 {
          let start = (3 * i + 5 * half) % 9
          batch.fill(
            training.lists[start..<start + 3], from: training.tokens, maximumLength: 48)
          losses.append(
            step.accumulate(
              batch, loss, dropout: DropoutKey(seed: 3, step: UInt32(2 * i + half)), scale: 0.5))
        }
        _ = step.apply(count: i + 1, rate: 1e-4)
      }
      return (losses, training.model.parameters.values.array)
    }
  }

  /// All ranks have the same bits of losses and weights after some steps, among them rows of the word
  /// table that only others have touched. One process with all workers has the same but for rounding:
  /// it measures the gradient's length in other parts, and clipping multiplies by that.
  @Test func sameWeights() throws {
    for (count, workers) in [(2, 1), (3, 1), (2, 2)] {
      let alone = try trained(ranks: 1, workers: count * workers)[0]
      let found = try trained(ranks: count, workers: workers)
      for rank in found {
        #expect(rank.losses == found[0].losses && rank.weights == found[0].weights)
      }
      for (a, b) in zip(found[0].losses, alone.losses) { #expect(abs(a - b) < 1e-5) }
      // Where a gradient is zero in exact arithmetic, Adam makes steps of its rounding.
      for entry in try TinyTraining().model.parameters.table.entries
      where !entry.name.hasSuffix("key.bias") && entry.name != "classifier.bias" {
        for i in entry.parameter.range {
          #expect(
            abs(found[0].weights[i] - alone.weights[i]) < 1e-5 * max(1, abs(alone.weights[i])))
        }
      }
    }
  }

  private static func plan() throws -> TrainingPlan {
    var plan = TrainingPlan(
      loss: try Loss("lambdarank"), warmUpLoss: try Loss("softmax"),
      measures: [try Measure(parsing: "nDCG@10")], select: try Measure(parsing: "nDCG@10"))
    plan.lists.size = 5
    plan.training.batch = .lists(2)
    plan.training.epochs = 3
    plan.training.workers = 1
    plan.maximumLength = 40
    plan.optimizer.schedule = Schedule(peak: 1e-3)
    plan.evaluateEvery = .steps(3)
    plan.training.checkpointEvery = .steps(2)
    plan.remining = ReminingOptions(hardest: 2, relativeMargin: nil)
    return plan
  }

  /// What one rank of a run came to.
  private struct Outcome: Sendable {
    var end: TrainingEnd
    var weights: [Float]
    var losses: [Double]
    var events: Int
  }

  /// A run of so many ranks, from a checkpoint if one is given; the last rank asks to stop after so
  /// many steps.
  private func run(
    _ collection: TinyCollection, _ directory: RunDirectory, ranks count: Int,
    stop: Int? = nil, resume: Bool = false
  ) throws -> [Outcome] {
    try ranks(count) { collective in
      let plan = try Self.plan()
      let model = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
      let data = try TrainingData(
        collection.sources(dev: true), plan, model: model, biEncoder: nil,
        progress: { _, _, _ in }, report: { _ in })
      let seen = Seen()
      let trainer = try Trainer(
        model, plan, data, directory: directory, recipe: "r", collective: collective,
        progress: { _, _, _ in }, report: { seen.note($0) })
      if resume { try trainer.resume(from: try directory.resumption()) }
      var steps = 0
      let end = try trainer.run {
        steps += 1
        return collective.rank == count - 1 && stop.map { steps > $0 } ?? false
      }
      return Outcome(
        end: end, weights: model.parameters.values.array, losses: seen.losses, events: seen.count)
    }
  }

  /// Whole runs with evaluation, re-mining and checkpoints: all ranks end the same, the first alone
  /// reports, and what one rank asks for stops all of them; resumed, they end as if they had not
  /// stopped.
  @Test func runs() throws {
    let collection = try TinyCollection()
    func directory() throws -> RunDirectory {
      let directory = RunDirectory(
        try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/run")
      try directory.create(overwrite: false)
      return directory
    }
    let whole = try run(collection, try directory(), ranks: 2)
    guard case .finished = whole[0].end else {
      Issue.record("the run was interrupted")
      return
    }
    #expect(whole[1].end == whole[0].end && whole[1].weights == whole[0].weights)
    #expect(whole[0].events > 0 && whole[1].events == 0)
    let alone = try run(collection, try directory(), ranks: 1)[0]
    #expect(whole[0].losses.count == 12)
    // The same lists in every epoch: candidates are refreshed by the scores of all ranks.
    for (a, b) in zip(whole[0].losses, alone.losses) { #expect(abs(a - b) < 1e-4) }

    let stopped = try directory()
    let first = try run(collection, stopped, ranks: 2, stop: 5)
    guard case .interrupted(let checkpoint) = first[0].end else {
      Issue.record("the run was not interrupted")
      return
    }
    #expect(first[1].end == first[0].end && checkpoint == stopped.newestCheckpoint)
    let rest = try run(collection, stopped, ranks: 2, resume: true)
    #expect(rest[0].end == whole[0].end && rest[1].end == whole[0].end)
    #expect(rest[0].weights == whole[0].weights && rest[1].weights == whole[0].weights)
  }
}

/// What a trainer reported.
private final class Seen {
  private(set) var count = 0
  private(set) var losses: [Double] = []

  func note(_ event: TrainingEvent) {
    count += 1
    if case .step(let step) = event { losses.append(step.loss) }
  }
}
