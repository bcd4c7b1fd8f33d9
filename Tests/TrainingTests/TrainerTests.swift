import Autodiff
import Batches
import Diagnostics
import Foundation
import Lists
import ModelFiles
import ModelSupport
import Models
import Options
import Ranking
import TestSupport
import Testing
import Training

@Suite(.serialized) struct TrainerTests {
  /// One trainer in a folder of its own, or in one where a run was interrupted.
  struct Bench {
    let model: CrossEncoder
    let trainer: Trainer<CrossEncoder, PairTokens>
    let directory: RunDirectory
    let events: Events
    let devEvaluator: RankingEvaluator?
    let tokens: PairTokens

    init(
      _ collection: TinyCollection, dev: Bool = true, in directory: RunDirectory? = nil,
      recipe: String = "seed: 7\n", warmUp: Bool = false, head: Bool = true,
      adapters: AdapterPlan? = nil, exits: ExitPlan? = nil,
      _ change: (inout TrainingPlan) -> Void = { _ in }
    ) throws {
      var plan = TrainingPlan(
        loss: try Loss("lambdarank"), warmUpLoss: try Loss("softmax"),
        measures: [try Measure(parsing: "nDCG@10")], select: try Measure(parsing: "nDCG@10"))
      plan.lists.size = 5
      plan.training.batch = .lists(2)
      plan.training.epochs = 3
      plan.training.workers = 2
      plan.maximumLength = 40
      plan.optimizer.schedule = Schedule(peak: 1e-3)
      plan.evaluateEvery = .steps(3)
      plan.training.checkpointEvery = .steps(2)
      if warmUp {
        var options = WarmUpOptions()
        options.lists = 6
        options.neighbours = 3
        options.maximumLength = 32
        plan.warmUp = options
        plan.warmUp?.batch = .lists(2)
      }
      change(&plan)
      let source = try ModelSource(TinyModel(head: head).written())
      model = try CrossEncoder(source, seed: 1, adapters, exits)
      let events = Events()
      self.events = events
      let data = try TrainingData(
        collection.sources(dev: dev), plan, model: model,
        biEncoder: warmUp ? BiEncoder(source) : nil, progress: { _, _, _ in },
        report: { events.all.append($0) })
      (devEvaluator, tokens) = (data.dev, data.source)
      if let directory {
        self.directory = directory
      } else {
        let folder = try TestSupport.Material.temporaryFolder()
        self.directory = RunDirectory(folder.path(percentEncoded: false))
        try self.directory.create(overwrite: false)
      }
      trainer = try Trainer(
        model, plan, data, directory: self.directory, recipe: recipe,
        progress: { _, _, _ in }, report: { events.all.append($0) })
    }

    var parameters: [Float] { model.parameters.values.array }

    /// Stops before step `steps + 1`; returns the checkpoint.
    func interrupted(after steps: Int) throws -> String {
      var done = -1
      let end = try trainer.run {
        done += 1
        return done == steps
      }
      guard case .interrupted(let checkpoint) = end else {
        throw Failure(.software, "the run was not interrupted but ended: \(end)")
      }
      return checkpoint
    }
  }

  final class Events {
    var all: [TrainingEvent] = []

    var steps: [StepReport] {
      all.compactMap { if case .step(let step) = $0 { step } else { nil } }
    }
    var notes: [String] {
      all.compactMap { if case .note(let text) = $0 { text } else { nil } }
    }
    var warnings: [String] {
      all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }
    var evaluations: Int {
      all.count { if case .evaluation = $0 { true } else { false } }
    }
  }

  /// A run that is stopped and resumed ends with the bits of one that was not: in the middle of an
  /// epoch, at an evaluation, in the warm-up, between warm-up and training, and twice.
  @Test(arguments: [[1], [3], [5], [7], [2, 2, 4]])
  func resumedRunsEndTheSame(_ stops: [Int]) throws {
    let collection = try TinyCollection()
    for hasDev in [true, false] {
      func bench(_ directory: RunDirectory? = nil) throws -> Bench {
        try Bench(collection, dev: hasDev, in: directory, warmUp: true) { plan in
          plan.training.accumulate = 1
          plan.fusion = hasDev ? FusionOptions() : nil
        }
      }
      let whole = try bench()
      let expected = try whole.trainer.run { false }
      var part = try bench()
      for stop in stops {
        let checkpoint = try part.interrupted(after: stop)
        #expect(checkpoint == part.directory.newestCheckpoint)
        let next = try bench(part.directory)
        try next.trainer.resume(from: checkpoint)
        part = next
      }
      let end = try part.trainer.run { false }
      #expect(end == expected)
      #expect(part.parameters == whole.parameters, "stopped after \(stops), dev: \(hasDev)")
      let start = try bench()
      #expect(start.parameters != whole.parameters)
    }
  }

  /// With candidates that are chosen again, wherever the run stops: before they first are, in an epoch
  /// that is drawn from them, between two.
  @Test(arguments: [[1], [4], [6], [9], [5, 1, 3]])
  func resumedRunsChooseTheSameCandidates(_ stops: [Int]) throws {
    let collection = try TinyCollection()
    func bench(_ directory: RunDirectory? = nil, isRemined: Bool = true) throws -> Bench {
      // Without dev the model at the end is that of the last step, not that of the best one.
      try Bench(collection, dev: false, in: directory) { plan in
        plan.lists.size = 4
        plan.remining = isRemined ? ReminingOptions(hardest: 2, relativeMargin: nil) : nil
      }
    }
    let whole = try bench()
    let expected = try whole.trainer.run { false }
    #expect(whole.events.steps.count == 12)
    #expect(whole.events.notes.count { $0.contains("re-mined with the current model") } == 2)
    var part = try bench()
    for stop in stops {
      let checkpoint = try part.interrupted(after: stop)
      let next = try bench(part.directory)
      try next.trainer.resume(from: checkpoint)
      part = next
    }
    #expect(try part.trainer.run { false } == expected)
    #expect(part.parameters == whole.parameters, "stopped after \(stops)")
    let plain = try bench(isRemined: false)
    _ = try plain.trainer.run { false }
    #expect(plain.parameters != whole.parameters)
  }

  @Test func stepsAndReports() throws {
    let collection = try TinyCollection()
    let bench = try Bench(collection) { $0.training.accumulate = 2 }
    let end = try bench.trainer.run { false }
    guard case .finished(let outcome) = end else {
      Issue.record("the run did not finish")
      return
    }
    // 8 lists, 4 a step, 3 epochs: 6 steps; evaluations after the third and the last.
    #expect(outcome.steps == 6 && bench.events.steps.map(\.step) == Array(1...6))
    #expect(bench.events.evaluations == 2)
    #expect(bench.events.steps.map(\.epoch) == [0.5, 1, 1.5, 2, 2.5, 3])
    #expect(bench.events.steps.allSatisfy { $0.loss.isFinite && $0.gradientNorm > 0 })
    #expect(bench.directory.existingCheckpoints().count == 2)
    let report = try #require(outcome.dev)
    // The base has a score head of its own, and is measured as it came.
    #expect(report.orders.map(\.name) == ["first stage", "base model", "model"])
    #expect([3, 6].contains(outcome.bestStep))
    // What the trainer leaves in the model is the best on dev, which is in a file as well.
    let best = try CrossEncoder(ModelSource(bench.directory.best), seed: 1)
    #expect(best.parameters.values.array == bench.parameters)
  }

  @Test func mostSteps() throws {
    let bench = try Bench(try TinyCollection(), dev: false) { $0.training.mostSteps = 5 }
    guard case .finished(let outcome) = try bench.trainer.run(shouldStop: { false }) else {
      Issue.record("the run did not finish")
      return
    }
    #expect(outcome.steps == 5 && outcome.dev == nil && outcome.bestStep == nil)
  }

  @Test func otherRecipeOrWorkers() throws {
    let collection = try TinyCollection()
    let first = try Bench(collection)
    let checkpoint = try first.interrupted(after: 2)
    let other = try Bench(collection, in: first.directory, recipe: "seed: 8\n")
    let failure = #expect(throws: Failure.self) { try other.trainer.resume(from: checkpoint) }
    #expect(failure?.kind == .badRecipe)
    #expect(failure?.expected == "line 1: 'seed: 7', not 'seed: 8'")
    let more = try Bench(collection, in: first.directory) { $0.training.workers = 3 }
    try more.trainer.resume(from: checkpoint)
    #expect(
      more.events.warnings == [
        "the run had 2 workers and now has 3: the result will not be bit-identical; to keep it "
          + "so, set training.workers to 2"
      ])
    let rounded = try Bench(collection, in: first.directory) { $0.precision = .bf16 }
    try rounded.trainer.resume(from: checkpoint)
    #expect(
      rounded.events.warnings == [
        "the run computed in f32 and now computes in bf16: the result will not be bit-identical; "
          + "to keep it so, set training.precision to f32"
      ])
  }

  /// A run in bounded memory, with frozen parts, batches of so many tokens and products in
  /// bfloat16: it ends, with the same bits when it is interrupted on the way.
  @Test func everythingAtOnce() throws {
    let collection = try TinyCollection()
    func change(_ plan: inout TrainingPlan) {
      plan.training.batch = .tokens(500)
      plan.precision = .bf16
      plan.frozen = FrozenParts(embeddings: true, layers: [0])
      plan.training.memoryBudget = ByteCount("6 MB")
    }
    let whole = try Bench(collection, warmUp: true, change)
    guard case .finished = try whole.trainer.run(shouldStop: { false }) else {
      Issue.record("the run did not finish")
      return
    }
    let first = try Bench(collection, warmUp: true, change)
    let checkpoint = try first.interrupted(after: 3)
    let second = try Bench(collection, in: first.directory, warmUp: true, change)
    try second.trainer.resume(from: checkpoint)
    guard case .finished = try second.trainer.run(shouldStop: { false }) else {
      Issue.record("the run did not finish")
      return
    }
    #expect(second.parameters == whole.parameters)
    let tight = try #require(
      #expect(throws: Failure.self) {
        try Bench(collection) { $0.training.memoryBudget = ByteCount("10 KB") }
      })
    #expect(tight.description.contains("a memory budget of 0 MB is too small for the model"))
  }

  /// A learning rate that makes weights overflow ends the run, and says what can be used.
  @Test func lossThatIsNotFinite() throws {
    let bench = try Bench(try TinyCollection()) {
      $0.optimizer.schedule = Schedule(peak: 1e30, warmUp: .steps(0), course: .constant)
      $0.training.checkpointEvery = .steps(1)
    }
    let failure = try #require(throws: Failure.self) { try bench.trainer.run { false } }
    #expect(failure.kind == .badData)
    #expect(failure.problem.hasSuffix("of step 2 (training) is not a finite number"))
    #expect(
      failure.remedy == "lower the learning rate; the last good checkpoint is "
        + bench.directory.checkpoints + "/step-00000001.h5")
    let none = try Bench(try TinyCollection()) {
      $0.optimizer.schedule = Schedule(peak: 1e30, warmUp: .steps(0), course: .constant)
    }
    let bare = #expect(throws: Failure.self) { try none.trainer.run { false } }
    #expect(bare?.remedy == "lower the learning rate; no checkpoint had been written yet")
  }

  /// With the fused order, the model is kept whose fusion is the best on dev, not the one that is
  /// the best alone; the run is the same apart from that. A first stage with all the weight gives
  /// every model the same fusion, so that the first one is kept.
  @Test func fusedOrderSelects() throws {
    // The judged documents are among the candidates, in the middle.
    let collection = try TinyCollection()
    let lines = (8..<12).flatMap { q in
      (0..<10).map { r in "q\(q) Q0 d\((q * 3 + (r + 5) % 10) % 40) \(r + 1) \(10 - r) bm25" }
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8)
      .write(to: URL(filePath: collection.dev))
    func evaluations(
      _ order: EvaluationOptions.Order, seed: UInt64, _ weight: FusionOptions.Weight
    ) throws -> (bestStep: Int?, model: [Double], fused: [Double]) {
      let bench = try Bench(collection) {
        $0.fusion = FusionOptions()
        $0.fusion?.weight = weight
        $0.selectedOrder = order
        $0.evaluateEvery = .steps(1)
        $0.training.patience = nil
        $0.training.seed = seed
        $0.training.epochs = 6
        $0.optimizer.schedule = Schedule(peak: 5e-3)
      }
      guard case .finished(let outcome) = try bench.trainer.run(shouldStop: { false }) else {
        throw Unfinished()
      }
      func values(_ order: String) -> [Double] {
        bench.events.all.compactMap {
          if case .evaluation(let report, _, _, _, _, _) = $0 {
            report.value(order, "nDCG@10")
          } else {
            nil
          }
        }
      }
      return (
        outcome.bestStep, values(RankingEvaluator.Order.model),
        values(RankingEvaluator.Order.fused)
      )
    }
    func firstBest(_ values: [Double]) throws -> Int {
      let best = try #require(values.max())
      return 1 + (try #require(values.firstIndex(of: best)))
    }
    var differ = 0
    for seed in 1...4 as ClosedRange<UInt64> {
      for weight in [FusionOptions.Weight.dev, .fixed(1)] {
        let byModel = try evaluations(.model, seed: seed, weight)
        let byFused = try evaluations(.fused, seed: seed, weight)
        #expect(byModel.model == byFused.model && byModel.fused == byFused.fused)
        #expect(byModel.model.count > 10)
        #expect(byModel.bestStep == (try firstBest(byModel.model)))
        #expect(byFused.bestStep == (try firstBest(byFused.fused)))
        if weight == .fixed(1) { #expect(byFused.bestStep == 1) }
        if byModel.bestStep != byFused.bestStep { differ += 1 }
      }
    }
    #expect(differ > 0, "the data tell the two orders apart")
  }

  private struct Unfinished: Error {}

  /// Without progress, training ends after as many evaluations as the plan is patient for.
  @Test func earlyStopping() throws {
    let bench = try Bench(try TinyCollection()) {
      $0.optimizer.schedule = Schedule(peak: 0)
      $0.training.epochs = 10
      $0.training.patience = 2
    }
    guard case .finished(let outcome) = try bench.trainer.run(shouldStop: { false }) else {
      Issue.record("the run did not finish")
      return
    }
    #expect(bench.events.evaluations == 3 && outcome.steps == 9 && outcome.bestStep == 3)
    let untouched = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    #expect(bench.parameters == untouched.parameters.values.array, "a rate of 0 does nothing")
  }
}
