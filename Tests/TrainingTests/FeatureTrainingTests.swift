import Autodiff
import Batches
import CAllocations
import Foundation
import Lists
import Models
import Options
import Ranking
import Scoring
import TestSupport
import Testing
import Training

/// A model over vectors of features is trained, scored and kept by what trains a cross-encoder.
@Suite struct FeatureTrainingTests {
  private let table = FeatureTable(lists: 12)

  private func step(workers: Int = 2, slice: Int? = nil) -> TrainingStep<FeatureModel> {
    TrainingStep(
      FeatureModel(seed: 3), AdamWOptions(), StepOptions(workers: workers, sliceTokens: slice))
  }

  private func batch(
    _ step: TrainingStep<FeatureModel>, _ range: Range<Int>
  ) -> TrainingBatch<FeatureRows> {
    var batch = step.emptyBatch
    batch.fill(table.lists[range], from: table, maximumLength: 1)
    return batch
  }

  /// The loss by the formula, in double precision.
  private func reference(_ loss: Loss, _ parameters: [Double]) -> Double {
    let scores = table.lists.flatMap { list in
      list.documents.map { FeatureModel.score(parameters, table.rows[$0]) }
    }
    let labels = table.lists.flatMap(\.labels)
    let offsets = table.lists.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.labels.count) }
    var gradients = [Double](repeating: 0, count: scores.count)
    var gradient = gradients.mutableSpan
    var workspace = LossWorkspace()
    return loss.evaluate(
      scores: scores.span, labels: labels.span, teachers: nil, offsets: offsets.span,
      itemWeights: nil, listWeights: nil, draw: 0, gradient: &gradient, workspace: &workspace)
  }

  /// Central differences of the formula: their own error is about the square of 1e-5, that of the
  /// gradients in 32 bits some units of 2⁻²⁴ of sums near 1.
  @Test(arguments: ["softmax", "mse"], [nil, 3])
  func gradients(_ name: String, _ slice: Int?) throws {
    let loss = try Loss(name)
    let step = step(slice: slice)
    let parameters = step.model.parameters.values.array.map(Double.init)
    let value = step.accumulate(batch(step, 0..<12), loss, dropout: nil)
    #expect(abs(value - reference(loss, parameters)) < 1e-5)
    let found = step.takeGradients()
    #expect(found.count == parameters.count && found.contains { abs($0) > 1e-2 })
    for i in parameters.indices {
      var (above, below) = (parameters, parameters)
      above[i] += 1e-5
      below[i] -= 1e-5
      let slope = (reference(loss, above) - reference(loss, below)) / 2e-5
      #expect(abs(Double(found[i]) - slope) < 1e-5, "parameter \(i)")
    }
  }

  @Test func lossFalls() throws {
    let step = step()
    let loss = try Loss("softmax")
    let batch = batch(step, 0..<12)
    var values: [Double] = []
    for count in 1...80 {
      values.append(step.accumulate(batch, loss, dropout: nil))
      #expect(step.apply(count: count, rate: 1e-2).isFinite)
    }
    #expect(values[79] < values[0] - 0.1, "from \(values[0]) to \(values[79])")
    #expect(values[40] < values[0] && values[79] < values[40])
    // What scores without gradients sees the same model, whatever the slices.
    let pairs = table.lists.flatMap { list in
      list.documents.map { Pair(query: list.query, document: $0) }
    }
    _ = step.accumulate(batch, loss, dropout: nil)
    let scores = ItemScorer(step.model, workers: 2).scores(of: pairs, in: table, maximumLength: 1)
    for (a, b) in zip(scores, step.lastScores) { #expect(abs(Double(a) - b) < 1e-5) }
  }

  /// A checkpoint holds the model, its files and the optimizer.
  @Test func checkpoints() throws {
    let step = step()
    let loss = try Loss("softmax")
    for count in 1...3 {
      _ = step.accumulate(batch(step, 0..<6), loss, dropout: nil)
      _ = step.apply(count: count, rate: 1e-2)
    }
    let path =
      try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/c.h5"
    var state = TrainingState()
    state.totalSteps = 3
    try TrainingCheckpoint.write(path, step, state, recipe: "r", seed: 1)
    let other = TrainingStep(FeatureModel(seed: 9), AdamWOptions(), StepOptions(workers: 1))
    #expect(try TrainingCheckpoint.read(path, into: other, recipe: "r") == state)
    other.restored()
    #expect(other.model.parameters.values.array == step.model.parameters.values.array)
    #expect(other.optimizer.second.array == step.optimizer.second.array)
    #expect(try TrainingCheckpoint.verify(path).state == state)
  }

  /// A whole run: phases, evaluation, the best model, checkpoints.
  @Test func runs() throws {
    var plan = TrainingPlan(
      loss: try Loss("softmax"), warmUpLoss: try Loss("softmax"),
      measures: [try Measure(parsing: "nDCG@10")], select: try Measure(parsing: "nDCG@10"))
    plan.training.workers = 2
    plan.evaluateEvery = .epochs(5)
    plan.training.checkpointEvery = .epochs(5)
    let lists = table.lists
    let phase = TrainingPhase(
      name: TrainingPhase.trainingName, epochs: 30, batch: .lists(4), accumulate: 1,
      loss: plan.loss, schedule: Schedule(peak: 1e-2), maximumLength: 1, mostSteps: nil,
      source: table, lists: { epoch in lists.reordered(seed: 1, epoch: epoch) })
    // The first stage has the worst order there is.
    let queries = lists.map { list in
      let judged = Array(zip(list.documents, list.labels))
      return JudgedQuery(
        id: "q\(list.query)", query: list.query, judged: judged,
        candidates: judged.map { ($0.0, -$0.1) })
    }
    let dev = try RankingEvaluator(
      queries, documentIDs: table.rows.indices.map { "d\($0)" }, measures: plan.measures,
      select: plan.select, maximumLength: 1, split: "dev")
    #expect(dev.units(in: table) == table.rows.count)
    let directory = RunDirectory(
      try TestSupport.Material.temporaryFolder().path(percentEncoded: false) + "/run")
    try directory.create(overwrite: false)
    let trainer = try Trainer(
      FeatureModel(seed: 3), plan, TrainingData(source: table, phases: [phase], dev: dev),
      directory: directory, recipe: "r", progress: { _, _, _ in }, report: { _ in })
    guard case .finished(let outcome) = try trainer.run(shouldStop: { false }) else {
      Issue.record("the run was interrupted")
      return
    }
    #expect(outcome.steps == 90)
    let report = try #require(outcome.dev)
    let first = try #require(report.value(RankingEvaluator.Order.firstStage, "nDCG@10"))
    let found = try #require(report.value(RankingEvaluator.Order.model, "nDCG@10"))
    #expect(found > first + 0.1 && found > 0.9, "from \(first) to \(found)")
    #expect(directory.newestCheckpoint != nil)
  }

  #if !DEBUG
    /// After steps with the largest sizes, a step of any model takes no memory.
    @Test(.enabled(if: ltr_allocations_can_count(), "allocations are counted with glibc only"))
    func steadyStepsAllocateNothing() async {
      await #expect(processExitsWith: .success) {
        let table = FeatureTable(lists: 12)
        let step = TrainingStep(
          FeatureModel(seed: 3), AdamWOptions(), StepOptions(workers: 2, sliceTokens: 8))
        let loss = try Loss("softmax")
        let batches = [0..<12, 0..<4, 4..<12].map { range in
          var batch = step.emptyBatch
          batch.fill(table.lists[range], from: table, maximumLength: 1)
          return batch
        }
        var count = 0
        func round() {
          for batch in batches {
            count += 1
            _ = step.accumulate(batch, loss, dropout: DropoutKey(seed: 1, step: 1))
            _ = step.apply(count: count, rate: 1e-4)
          }
        }
        for _ in 0..<20 { round() }
        ltr_allocations_start()
        for _ in 0..<5 { round() }
        let allocations = ltr_allocations_stop()
        #expect(allocations == 0)
      }
    }
  #endif
}
