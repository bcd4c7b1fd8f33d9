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
  @Suite(.serialized) struct AveragingTests {
    private let collection: TinyCollection

    init() throws { collection = try TinyCollection() }

    private func bench(
      _ average: AverageOptions, dev: Bool = true, in directory: RunDirectory? = nil,
      warmUp: Bool = false, head: Bool = true, frozen: FrozenParts = FrozenParts()
    ) throws -> Bench {
      try Bench(collection, dev: dev, in: directory, warmUp: warmUp, head: head) { plan in
        plan.training.average = average.isEmpty ? nil : average
        plan.frozen = frozen
      }
    }

    private func finish(_ bench: Bench) throws -> TrainingOutcome {
      guard case .finished(let outcome) = try bench.trainer.run(shouldStop: { false }) else {
        throw Failure(.software, "the run did not finish")
      }
      return outcome
    }

    private func weights(of path: String) throws -> [Float] {
      try CrossEncoder(ModelSource(path), seed: 1).parameters.array
    }

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

    /// The mean of the best models, each of which entered because dev was no worse for it. The mean
    /// is taken step by step in 32 bits: some units in the last place.
    @Test func checkpoints() throws {
      let bench = try bench(AverageOptions(checkpoints: 3))
      let outcome = try finish(bench)
      let members = try #require(outcome.average?.checkpoints)
      #expect(members.first == outcome.bestStep)
      var kept = [members[0]]
      var value = try #require(bench.events.best)
      let reports = bench.events.averages
      #expect(reports.count == 2, "three models, the best among them")
      for report in reports {
        guard case .checkpoints(let steps) = report.kind else { continue }
        #expect(Array(steps.dropLast()) == kept)
        let found = try #require(report.value)
        #expect(report.isKept == (found >= value) && report.measure == "nDCG@10")
        if report.isKept { (kept, value) = (steps, found) }
      }
      #expect(kept == members)
      #expect(outcome.dev?.value("model", "nDCG@10") == value)
      let models = try members.map { try weights(of: bench.directory.evaluated(step: $0)) }
      let mean = models[0].indices.map { i in
        models.reduce(0) { $0 + Double($1[i]) } / Double(models.count)
      }
      expectNear(bench.parameters.map(Double.init), mean, 1e-6, "mean")
      // The best model by itself stays as it is.
      #expect(try weights(of: bench.directory.best) == models[0])
      let files = bench.directory.evaluatedModels().map(\.step)
      #expect(files.count >= 3 && files.count <= 4, "\(files)")
    }

    /// A model that cannot be read is left out, with a warning.
    @Test func lostCheckpoint() throws {
      let average = AverageOptions(checkpoints: 3)
      let first = try bench(average)
      _ = try first.interrupted(after: 11)
      let best = try #require(
        first.directory.evaluatedModels().first { model in
          (try? weights(of: model.path)) == (try? weights(of: first.directory.best))
        })
      let lost = first.directory.evaluatedModels().filter { $0.step != best.step }
      for model in lost { try Data("x".utf8).write(to: URL(filePath: model.path)) }
      let second = try bench(average, in: first.directory)
      try second.trainer.resume(from: try first.directory.resumption())
      let outcome = try finish(second)
      #expect(
        second.events.warnings.contains { $0.contains("is left out of the average: ") },
        "\(second.events.warnings)")
      #expect(outcome.average?.checkpoints?.first == outcome.bestStep)
      #expect(second.parameters.allSatisfy { $0.isFinite })
    }

    /// Models stay as long as a kept checkpoint may need them.
    @Test func modelsThatCheckpointsNeed() throws {
      let run = RunDirectory(
        try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/run")
      try run.create(overwrite: false)
      for step in [2, 4, 6] {
        try Data().write(to: URL(filePath: run.evaluated(step: step)))
      }
      try Data().write(to: URL(filePath: run.checkpoint(step: 5)))
      func contenders(_ step: Int) -> [Int] { step < 6 ? [2] : [6] }
      run.keepEvaluated(at: 7, contenders)
      #expect(run.evaluatedModels().map(\.step) == [2, 6])
      try FileManager.default.removeItem(atPath: run.checkpoint(step: 5))
      run.keepEvaluated(at: 7, contenders)
      #expect(run.evaluatedModels().map(\.step) == [6])
    }

    /// w = (1 − α) · base + α · trained of all weights but those of a new head, which has no base.
    @Test(arguments: [true, false]) func oneShareOfTheBase(_ hasDev: Bool) throws {
      let tuned = try bench(AverageOptions(), dev: hasDev, head: false)
      _ = try finish(tuned)
      let bench = try bench(AverageOptions(base: [0.25]), dev: hasDev, head: false)
      let base = bench.parameters
      let outcome = try finish(bench)
      #expect(outcome.average?.base == 0.25)
      #expect(!bench.model.fresh.isEmpty)
      for entry in bench.model.parameters.table.entries {
        for i in entry.parameter.range {
          let isFresh = bench.model.fresh.contains(entry.name)
          let expected =
            isFresh
            ? Double(tuned.parameters[i])
            : 0.75 * Double(base[i]) + 0.25 * Double(tuned.parameters[i])
          #expect(abs(Double(bench.parameters[i]) - expected) < (isFresh ? 1e-30 : 2e-7))
        }
      }
      #expect(try weights(of: bench.directory.base).count == base.count)
      if hasDev {
        #expect(outcome.dev?.value("model", "nDCG@10") == bench.events.averages[0].value)
      }
    }

    /// Of several shares the best on dev is kept, and the trained weights alone if none is better.
    @Test func severalSharesOfTheBase() throws {
      let tuned = try bench(AverageOptions())
      _ = try finish(tuned)
      let bench = try bench(AverageOptions(base: [0.2, 1, 0.8, 0.5]))
      let base = bench.parameters
      let outcome = try finish(bench)
      var (share, value) = (1.0, try #require(bench.events.best))
      var seen: [Double] = []
      for report in bench.events.averages {
        guard case .base(let found) = report.kind else { continue }
        seen.append(found)
        let result = try #require(report.value)
        #expect(report.isKept == (result > value))
        if result > value { (share, value) = (found, result) }
      }
      #expect(seen == [0.8, 0.5, 0.2])
      #expect(outcome.average?.base == share)
      #expect(outcome.dev?.value("model", "nDCG@10") == value)
      if share == 1 {
        #expect(bench.parameters == tuned.parameters)
      } else {
        for i in base.indices {
          let expected = (1 - share) * Double(base[i]) + share * Double(tuned.parameters[i])
          #expect(abs(Double(bench.parameters[i]) - expected) < 2e-7)
        }
      }
    }

    /// The base's weights, where they are lost, are stored again when the run is resumed.
    @Test func lostBase() throws {
      let average = AverageOptions(base: [0.5])
      let whole = try bench(average)
      let expected = try whole.trainer.run { false }
      let first = try bench(average)
      let checkpoint = try first.interrupted(after: 5)
      try Data("x".utf8).write(to: URL(filePath: first.directory.base))
      let second = try bench(average, in: first.directory)
      try second.trainer.resume(from: checkpoint)
      #expect(try second.trainer.run { false } == expected)
      #expect(second.parameters == whole.parameters)
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

extension TrainerTests.Events {
  /// The averages that were made at the end.
  var averages: [AverageReport] {
    all.compactMap { if case .average(let report) = $0 { report } else { nil } }
  }

  /// The numbers of steps in the moving averages that were evaluated.
  var averaged: [Int?] {
    all.compactMap {
      if case .evaluation(_, _, _, _, _, let averaged) = $0 { .some(averaged) } else { nil }
    }
  }

  /// The best value of a model that was evaluated.
  var best: Double? {
    all.compactMap {
      if case .evaluation(let report, _, _, _, _, _) = $0 {
        report.value("model", "nDCG@10")
      } else {
        nil
      }
    }.max()
  }
}
