import Autodiff
import Diagnostics
import Foundation
import JSON
import ModelFiles
import ModelSupport
import Models
import Options
import TestSupport
import Testing
import Training

/// Whole runs with averages of weights. 12 steps of training, evaluations after every third.
extension TrainerTests {
  @Suite(.serialized) struct AveragingTests: AveragingRuns {
    let collection: TinyCollection

    init() throws { collection = try TinyCollection() }

    /// The weights after each step of the training proper, in a run without averages.
    private func steps(warmUp: Bool) throws -> [[Float]] {
      let bench = try bench(AverageOptions(), dev: false, warmUp: warmUp)
      var weights: [[Float]] = []
      _ = try bench.trainer.run {
        weights.append(bench.parameters)
        return false
      }
      weights.append(bench.parameters)
      // Before a step are those after the one before it.
      let training = bench.events.steps.count { $0.phase == "training" }
      return Array(weights.suffix(training))
    }

    /// Without dev a run ends with the average of the training proper, by the formula in double
    /// precision; 12 steps round it by less than 12 · 6e-8 · 2.
    @Test(arguments: [false, true]) func movingAverage(_ warmUp: Bool) throws {
      let weights = try steps(warmUp: warmUp)
      #expect(weights.count == 12)
      let bench = try bench(AverageOptions(ema: 0.7), dev: false, warmUp: warmUp)
      let outcome = try finish(bench)
      expectNear(
        bench.parameters.map(Double.init), WeightAverageTests.formula(weights, 0.7), 1.5e-6, "ema")
      #expect(outcome.average?.ema == 0.7 && outcome.average?.emaSteps == 12)
    }

    /// What dev is measured on and what is kept is the average at that step, and its file says so.
    @Test func selectsTheAverage() throws {
      let all = try steps(warmUp: false)
      let bench = try bench(AverageOptions(ema: 0.7))
      let outcome = try finish(bench)
      let step = try #require(outcome.bestStep)
      let expected = WeightAverageTests.formula(Array(all.prefix(step)), 0.7)
      expectNear(bench.parameters.map(Double.init), expected, 1.5e-6, "the best")
      #expect(try weights(of: bench.directory.best) == bench.parameters)
      #expect(outcome.average?.emaSteps == step)
      let notes = try ModelNotes(of: ModelSource(bench.directory.best))
      #expect(notes.average == ["ema": 0.7, "ema_steps": .whole(step)])
      #expect(bench.events.averaged == [3, 6, 9, 12])
    }

    /// Interrupted runs end with the bits of whole ones, wherever they stop: in the warm-up, between
    /// the phases, right after an evaluation, twice.
    @Test(
      arguments: [
        AverageOptions(ema: 0.6), AverageOptions(checkpoints: 3),
        AverageOptions(ema: 0.6, checkpoints: 2, base: [0.3, 0.6, 0.9]),
        AverageOptions(ema: 0.6, base: .dev),
      ], [[3], [7], [9], [2, 6, 4]])
    func resumedRunsEndTheSame(_ average: AverageOptions, _ stops: [Int]) throws {
      let whole = try bench(average, warmUp: true)
      let expected = try whole.trainer.run { false }
      var part = try bench(average, warmUp: true)
      for stop in stops {
        let checkpoint = try part.interrupted(after: stop)
        let next = try bench(average, in: part.directory, warmUp: true)
        try next.trainer.resume(from: checkpoint)
        part = next
      }
      #expect(try part.trainer.run { false } == expected)
      #expect(part.parameters == whole.parameters, "stopped after \(stops)")
      #expect(try weights(of: part.directory.best) == weights(of: whole.directory.best))
    }

    /// The same without dev, and with one share of the base.
    @Test(arguments: [[1], [6], [3, 4]]) func resumedWithoutDev(_ stops: [Int]) throws {
      let average = AverageOptions(ema: 0.6, base: [0.8])
      let whole = try bench(average, dev: false)
      let expected = try whole.trainer.run { false }
      var part = try bench(average, dev: false)
      for stop in stops {
        let checkpoint = try part.interrupted(after: stop)
        let next = try bench(average, dev: false, in: part.directory)
        try next.trainer.resume(from: checkpoint)
        part = next
      }
      #expect(try part.trainer.run { false } == expected)
      #expect(part.parameters == whole.parameters)
    }

    /// The best weights are lost, and a checkpoint is of the same step: they are the average there,
    /// not the weights of the step.
    @Test func bestOfACheckpointIsItsAverage() throws {
      let average = AverageOptions(ema: 0.6)
      let first = try bench(average)
      // The first evaluation is the best so far.
      _ = try first.interrupted(after: 3)
      let best = try weights(of: first.directory.best)
      #expect(best != first.parameters)
      try FileManager.default.removeItem(atPath: first.directory.best)
      let second = try bench(average, in: first.directory)
      try second.trainer.resume(from: try first.directory.resumption())
      #expect(try weights(of: first.directory.best) == best)
      #expect(second.parameters == first.parameters)
    }

    /// With frozen parts only the others are averaged.
    @Test func frozenParts() throws {
      let bench = try bench(
        AverageOptions(ema: 0.6, checkpoints: 2, base: [0.5]),
        frozen: FrozenParts(embeddings: true, layers: [0]))
      let before = bench.parameters
      _ = try finish(bench)
      // The gradients of these biases are zero in exact arithmetic.
      let still = ["classifier.bias", "bert.encoder.layer.1.attention.self.key.bias"]
      for entry in bench.model.parameters.table.entries where !still.contains(entry.name) {
        let range = entry.parameter.range
        let isFrozen =
          entry.name.hasPrefix("bert.embeddings.") || entry.name.hasPrefix("bert.encoder.layer.0.")
        #expect((bench.parameters[range] == before[range]) == isFrozen, "\(entry.name)")
      }
    }

    /// A moving average that is longer than the training is noted.
    @Test func longAverage() throws {
      let bench = try Bench(collection) { plan in
        plan.training.average = AverageOptions(ema: 0.999)
        plan.training.epochs = 5
      }
      _ = try finish(bench)
      #expect(
        bench.events.notes.contains {
          $0.hasPrefix("training.average.ema: 0.999 averages over 1000 steps, and training has 20")
        }, "\(bench.events.notes)")
    }

    @Test func logLines() throws {
      let path = try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/l"
      let log = try RunLog(path)
      let bench = try bench(AverageOptions(ema: 0.6, checkpoints: 2, base: [0.5, 0.7]))
      _ = try finish(bench)
      for event in bench.events.all { try log.append(event) }
      let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(
        separator: "\n"
      )
      .map { try JSONValue(Array($0.utf8), name: "l") }
      let evaluations = lines.filter { $0["event"] == "evaluation" }
      #expect(evaluations.map { $0["averaged_steps"]?.double } == [3, 6, 9, 12])
      let averages = lines.filter { $0["event"] == "average" }
      #expect(averages.count == 3 && averages.allSatisfy { $0["measure"] == "nDCG@10" })
      #expect(averages.allSatisfy { $0["value"]?.double != nil })
      guard case .list(let steps)? = averages[0]["checkpoints"] else {
        Issue.record("the first is of checkpoints")
        return
      }
      #expect(steps.count == 2)
      #expect(averages.dropFirst().map { $0["base"]?.double } == [0.7, 0.5])
    }
  }
}
