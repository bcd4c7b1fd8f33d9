import Foundation
import ModelSupport
import Options
import TestSupport
import Testing
import Training

/// Runs that end with the mean of several models, or with a share of the base. 12 steps of training,
/// evaluations after every third.
extension TrainerTests {
  @Suite(.serialized) struct ModelAveragingTests: AveragingRuns {
    let collection: TinyCollection

    init() throws { collection = try TinyCollection() }

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
  }
}
