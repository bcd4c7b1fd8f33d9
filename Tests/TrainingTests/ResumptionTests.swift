import Diagnostics
import Foundation
import ModelSupport
import TestSupport
import Testing
import Training

/// Runs that go on although files of theirs are damaged, or from an earlier checkpoint than the
/// newest. 12 steps, checkpoints after every second one, evaluations after every third.
extension TrainerTests {
  @Suite(.serialized) struct ResumptionTests {
    private let collection: TinyCollection

    init() throws { collection = try TinyCollection() }

    private func bench(_ directory: RunDirectory? = nil, kept: Int = 10) throws -> Bench {
      try Bench(collection, in: directory) { $0.training.checkpointsKept = kept }
    }

    private func write(_ bytes: Data, _ path: String) throws {
      try bytes.write(to: URL(filePath: path))
    }

    private func read(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    private func names(_ directory: RunDirectory) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: directory.checkpoints).sorted()
    }

    /// Resumes as the command line does, trains to the end, and compares with the whole run.
    private func finish(_ whole: (Bench, TrainingEnd), in directory: RunDirectory) throws -> Bench {
      let part = try bench(directory)
      try part.trainer.resume(from: try directory.resumption())
      #expect(try part.trainer.run { false } == whole.1)
      #expect(part.parameters == whole.0.parameters)
      return part
    }

    private func whole() throws -> (Bench, TrainingEnd) {
      let bench = try bench()
      return (bench, try bench.trainer.run { false })
    }

    private static let damages: [@Sendable (Data) -> Data] = [
      { bytes in
        var bytes = bytes
        bytes[bytes.count / 2] ^= 1
        return bytes
      },
      { $0.prefix($0.count / 2) }, { _ in Data() }, { Data(count: $0.count) },
      { Data("no checkpoint".utf8) + $0 },
    ]

    @Test(arguments: damages.indices)
    func damagedNewestCheckpoint(_ damage: Int) throws {
      let whole = try whole()
      let first = try bench()
      let newest = try first.interrupted(after: 7)
      let damaged = Self.damages[damage](try read(newest))
      try write(damaged, newest)
      let resumption = try first.directory.resumption()
      #expect(resumption.step == 6)
      #expect(resumption.checkpoint == first.directory.checkpoint(step: 6))
      let part = try finish(whole, in: first.directory)
      #expect(part.events.warnings.count { $0.hasPrefix("damaged: \(newest) (") } == 1)
      #expect(part.events.resumed == [6])
      #expect(try read(newest + ".damaged") == damaged)
      #expect(part.directory.newestCheckpoint == part.directory.checkpoint(step: 10))
      // Evaluations are those of the steps behind the checkpoint, once each.
      #expect(part.events.evaluations == 2)
    }

    /// A flipped bit is found, or is where nothing is read from.
    @Test func flippedBits() throws {
      let bench = try bench()
      let path = try bench.interrupted(after: 3)
      let bytes = try read(path)
      let expected = bench.parameters
      var found = 0
      for number in 0..<150 {
        var flipped = bytes
        flipped[number * bytes.count / 150] ^= 1 << UInt8(number % 8)
        try write(flipped, path)
        guard (try? bench.directory.resumption())?.step == 3 else {
          found += 1
          continue
        }
        let other = try self.bench(bench.directory)
        try other.trainer.resume(from: path)
        #expect(other.parameters == expected, "bit \(number % 8) of byte \(number)")
      }
      #expect(found > 100)
    }

    /// The best model is found again from a checkpoint that goes back to before it.
    @Test(arguments: [true, false]) func damagedBest(_ isRemoved: Bool) throws {
      let whole = try whole()
      let first = try bench()
      _ = try first.interrupted(after: 8)
      let best = first.directory.best
      if isRemoved {
        try FileManager.default.removeItem(atPath: best)
      } else {
        try write(try read(best).prefix(1000), best)
      }
      let resumption = try first.directory.resumption()
      #expect(resumption.step == 6 || resumption.step == 2)
      let part = try finish(whole, in: first.directory)
      #expect(part.events.warnings.contains { $0.hasPrefix("the best model at ") })
      #expect(try names(part.directory).contains("best.h5.damaged") != isRemoved)
      #expect(try names(part.directory).contains("step-00000008.h5.superseded"))
    }

    /// Where no checkpoint goes back to before the best model, the run goes on without it.
    @Test func lostBest() throws {
      let first = try bench(kept: 1)
      _ = try first.interrupted(after: 8)
      try write(Data(), first.directory.best)
      let part = try bench(first.directory)
      let resumption = try first.directory.resumption()
      #expect(resumption.step == 8)
      try part.trainer.resume(from: resumption)
      #expect(
        part.events.warnings.contains {
          $0.hasPrefix("the best model so far (step ") && $0.hasSuffix("from this step on")
        })
      guard case .finished(let outcome) = try part.trainer.run(shouldStop: { false }) else {
        Issue.record("the run did not finish")
        return
      }
      #expect([9, 12].contains(outcome.bestStep))
    }

    /// What a crash leaves behind the last checkpoint, a better model among it, changes nothing.
    @Test(arguments: [7, 10]) func crash(after steps: Int) throws {
      let whole = try whole()
      let first = try bench()
      let newest = try first.interrupted(after: steps)
      try FileManager.default.removeItem(atPath: newest)
      _ = try finish(whole, in: first.directory)
    }

    @Test func namedCheckpoint() throws {
      let whole = try whole()
      let first = try bench()
      _ = try first.interrupted(after: 9)
      let directory = first.directory
      let named = try directory.resumption(from: "step-00000004.h5")
      #expect(named.checkpoint == directory.checkpoint(step: 4) && named.step == 4)
      let second = try bench(directory)
      try second.trainer.resume(from: named)
      #expect(directory.newestCheckpoint == directory.checkpoint(step: 4))
      let found = try names(directory)
      for step in [6, 8, 9] { #expect(found.contains("step-0000000\(step).h5.superseded")) }
      let aside = found.filter { $0.hasSuffix(".superseded") }
      let told = second.events.warnings.filter { $0.contains("has put aside") }
      #expect(told.count == 1)
      #expect(
        told.first?.hasPrefix(
          "\(directory.checkpoints): files that --resume has put aside: \(aside.count) (*")
          == true)
      // The next interruption is not confused with what was there before.
      #expect(try second.interrupted(after: 1) == directory.checkpoint(step: 5))
      #expect(try directory.resumption().step == 5)
      _ = try finish(whole, in: directory)
      // A damaged one is refused, and another is named.
      try write(Data("x".utf8), directory.checkpoint(step: 4))
      let failure = #expect(throws: Failure.self) {
        try directory.resumption(from: directory.checkpoint(step: 4))
      }
      #expect(failure?.kind == .badData)
      #expect(failure?.remedy?.contains("name another checkpoint, such as ") == true)
      #expect(throws: Failure.self) { try directory.resumption(from: "step-00000077.h5") }
    }

    @Test func allDamaged() throws {
      let first = try bench()
      _ = try first.interrupted(after: 5)
      let paths = first.directory.existingCheckpoints()
      #expect(paths.count == 3)
      for path in paths { try write(Data("x".utf8), path) }
      let failure = try #require(throws: Failure.self) { try first.directory.resumption() }
      #expect(failure.kind == .badData)
      for path in paths { #expect(failure.problem.contains("\(path): ")) }
      #expect(first.directory.existingCheckpoints() == paths, "nothing is renamed")
    }

    /// Weights that a kept checkpoint needs stay when better ones come, and no longer.
    @Test func copiesOfTheBest() throws {
      let run = RunDirectory(
        try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/run")
      try run.create(overwrite: false)
      func checkpoint(_ step: Int) throws { try write(Data(), run.checkpoint(step: step)) }
      try write(Data("2".utf8), run.best)
      // No checkpoint since: nothing needs it.
      try checkpoint(1)
      try run.retainBest(ofStep: 2)
      #expect(run.bestCopies().isEmpty)
      try checkpoint(3)
      try run.retainBest(ofStep: 2)
      #expect(try read(run.bestCopy(step: 2)) == Data("2".utf8))
      try write(Data("4".utf8), run.best)
      try checkpoint(5)
      run.keepNewest(2, bestStep: 4)
      #expect(run.existingCheckpoints().count == 2)
      #expect(run.bestCopies().map(\.step) == [2], "step 3 needs it")
      try checkpoint(6)
      run.keepNewest(2, bestStep: 4)
      #expect(run.bestCopies().isEmpty)
    }

    /// A run that goes on with so few lists that no step is left measures the model it has.
    @Test func fewerSteps() throws {
      let first = try bench()
      _ = try first.interrupted(after: 2)
      let part = try Bench(collection, in: first.directory) { $0.training.mostSteps = 1 }
      try part.trainer.resume(from: try first.directory.resumption())
      guard case .finished(let outcome) = try part.trainer.run(shouldStop: { false }) else {
        Issue.record("the run did not finish")
        return
      }
      #expect(outcome.bestStep == 2 && part.parameters == first.parameters)
    }

    /// A run whose dev changed measures the best model on the new one, and keeps its weights.
    @Test func otherDev() throws {
      let first = try bench()
      _ = try first.interrupted(after: 7)
      let before = try read(first.directory.best)
      let part = try bench(first.directory)
      let weights = try bench(first.directory)
      try weights.trainer.resume(from: try first.directory.resumption())
      try part.trainer.resume(
        from: try first.directory.resumption(), withOtherCandidates: true, withOtherDev: true)
      #expect(part.events.notes.contains { $0.hasPrefix("the best model so far has nDCG@10 ") })
      #expect(part.parameters == weights.parameters)
      #expect(try read(first.directory.best) == before)
    }
  }
}

extension TrainerTests.Events {
  /// The steps after which the run went on.
  var resumed: [Int] {
    all.compactMap { if case .resumed(_, _, _, let steps) = $0 { steps } else { nil } }
  }
}

@Suite struct RunLogTests {
  /// A line that a crash cut off does not swallow the next one.
  @Test func lineThatWasCutOff() throws {
    let path =
      try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/log.jsonl"
    try Data("{\"event\": \"no".utf8).write(to: URL(filePath: path))
    try RunLog(path).append(.resumed("c.h5", phase: "training", step: 3, totalSteps: 8))
    let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "{\"event\": \"no")
    let line = try #require(
      try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
    #expect(line["event"] as? String == "resume" && line["path"] as? String == "c.h5")
    #expect(line["step"] as? Int == 3 && line["total_steps"] as? Int == 8)
    #expect(line["phase"] as? String == "training")
  }
}
