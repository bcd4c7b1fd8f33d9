import Autodiff
import Batches
import CAllocations
import Diagnostics
import Foundation
import ModelFiles
import ModelSupport
import Models
import Options
import Ranking
import Scoring
import TestSupport
import Testing
import Training

/// Training with the losses of early exits.
@Suite(.serialized) struct ExitTrainingTests {
  private static func plan(_ head: ExitPlan.Head = .own) -> ExitPlan {
    ExitPlan(head: head, exits: [.init(after: 1, weight: 0.5), .init(after: 3, weight: 0.25)])
  }

  /// Loss and gradient are those of the model and of its cut models, times their weights; theirs are
  /// compared with other implementations elsewhere.
  @Test(arguments: [ExitPlan.Head.own, .shared], [(1, nil), (3, nil), (2, 100)] as [(Int, Int?)])
  func lossesAndGradients(_ head: ExitPlan.Head, _ form: (workers: Int, slice: Int?)) throws {
    let training = try TinyTraining(layers: 4, exits: Self.plan(head))
    let loss = try Loss("lambdarank")
    let options = StepOptions(workers: form.workers, sliceTokens: form.slice)
    let batch = training.batch(0..<8, workers: form.workers, isWeighted: true)
    let step = TrainingStep(training.model, AdamWOptions(), options)
    let value = step.accumulate(batch, loss, dropout: nil, scale: 0.5)
    let found = step.takeGradients()

    let table = training.model.parameters.table
    var expected = [Double](repeating: 0, count: table.count)
    var sum = 0.0
    let parts: [(layers: Int?, weight: Double)] = [(nil, 1), (1, 0.5), (3, 0.25)]
    for (layers, weight) in parts {
      let model =
        if let layers { try training.model.cut(toLayers: layers) } else {
          training.model.withoutExits()
        }
      let own = TrainingStep(model, AdamWOptions(), StepOptions(workers: form.workers))
      sum += weight * own.accumulate(batch, loss, dropout: nil, scale: 0.5)
      let gradients = own.takeGradients()
      if layers == nil {
        #expect(zip(own.lastScores, step.lastScores).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(own.lastScores.count == step.lastScores.count)
      }
      for entry in model.parameters.table.entries {
        let isHead = model.blueprint.headModules.contains { entry.name.hasPrefix($0 + ".") }
        let name =
          isHead && head == .own && layers != nil
          ? "exits.\(layers ?? 0).\(entry.name)" : entry.name
        let place = try #require(table[name])
        for (i, j) in zip(place.range, entry.parameter.range) {
          expected[i] += weight * Double(gradients[j])
        }
      }
    }
    #expect(abs(value - sum) < 1e-5 * abs(sum), "\(value) of \(sum)")
    for entry in table.entries {
      let length = expected[entry.parameter.range].reduce(0) { $0 + $1 * $1 }.squareRoot()
      let distance = entry.parameter.range.reduce(0.0) {
        $0 + (expected[$1] - Double(found[$1])) * (expected[$1] - Double(found[$1]))
      }.squareRoot()
      // Gradients of key biases are rounding errors alone.
      #expect(distance < 2e-4 * length + 2e-5, "\(entry.name): \(distance) of \(length)")
    }
  }

  /// A run that is interrupted and resumed ends with the bits of one that was not, and its
  /// checkpoints are models with exits.
  @Test func resumedRunsEndTheSame() throws {
    let collection = try TinyCollection()
    let plan = ExitPlan(head: .own, exits: [.init(after: 1, weight: 0.5)])
    let whole = try TrainerTests.Bench(collection, exits: plan)
    let end = try whole.trainer.run { false }
    let first = try TrainerTests.Bench(collection, exits: plan)
    let checkpoint = try first.interrupted(after: 5)
    let part = try TrainerTests.Bench(collection, in: first.directory, exits: plan)
    try part.trainer.resume(from: checkpoint)
    #expect(try part.trainer.run { false } == end)
    #expect(part.parameters == whole.parameters)
    let best = try CrossEncoder(
      ModelSource(whole.directory.best), seed: 9, for: .scoring(label: nil))
    #expect(best.exits == plan && best.parameters.array == whole.parameters)
    let without = try CrossEncoder(
      ModelSource(whole.directory.best), seed: 9, for: .scoring(label: nil), exits: .none)
    #expect(without.exits == nil && without.sidecar.files["exits.json"] == nil)
  }

  /// Exits' own heads begin as the model's, and learn at the rate of new parameters.
  @Test func newHeads() throws {
    let training = try TinyTraining(layers: 4, exits: Self.plan())
    let model = training.model
    #expect(model.fresh.isEmpty)
    for layer in [1, 3] {
      for name in ["bert.pooler.dense.weight", "classifier.bias"] {
        let own = try #require(model.parameters.table["exits.\(layer).\(name)"])
        let head = try #require(model.parameters.table[name])
        #expect(model.parameters.array(of: own) == model.parameters.array(of: head))
        #expect(model.learnsAsNew.contains("exits.\(layer).\(name)"))
      }
      #expect(model.depth(of: "exits.\(layer).classifier.bias") == 0)
    }
  }

  /// The least work within the permitted loss, by trying all shares here; and lines with a positive
  /// slope.
  @Test func choice() throws {
    let collection = try TinyCollection()
    let plan = ExitPlan(head: .own, exits: [.init(after: 1, weight: 0.5)])
    let bench = try TrainerTests.Bench(collection, exits: plan)
    _ = try bench.trainer.run { false }
    let dev = try #require(bench.devEvaluator)
    let evaluation = ExitEvaluation(
      dev, bench.model, in: bench.tokens, precision: .f32, workers: 2, least: 2,
      progress: { _, _ in })
    for loss in [0, 0.05, 1] {
      let chosen = try evaluation.chosen(plan, loss: loss)
      let choice = try #require(chosen.choice)
      let share = try #require(chosen.exits[0].share)
      #expect(choice.cascade >= choice.full - loss && choice.loss == loss)
      // Ten candidates a query, of which two go on at least.
      func kept(_ share: Double) -> Int { max(2, Int((share * 10 - 1e-9).rounded(.up))) }
      #expect(abs(choice.work - (1 + Double(kept(share)) / 10) / 2) < 1e-9)
      #expect(chosen.exits[0].slope > 0)
      #expect(try evaluation.values(of: chosen).cascade == choice.cascade)
      for parts in 1..<20 where kept(Double(parts) / 20) < kept(share) {
        let smaller = Double(parts) / 20
        var other = chosen
        other.exits[0].share = smaller
        #expect(try evaluation.values(of: other).cascade < choice.full - loss)
      }
    }
  }

  #if !DEBUG
    @Test(.enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"))
    func steadyStepsAllocateNothing() async {
      await #expect(processExitsWith: .success) {
        let training = try TinyTraining(
          layers: 4,
          exits: ExitPlan(
            head: .own, exits: [.init(after: 1, weight: 0.5), .init(after: 3, weight: 0.25)]))
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
        #expect(ltr_allocations_stop() == 0)
      }
    }
  #endif
}
