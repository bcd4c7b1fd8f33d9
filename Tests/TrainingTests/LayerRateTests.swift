import Autodiff
import Foundation
import ModelSupport
import Models
import Options
import Ranking
import Testing
import Training

/// Layer-wise decay of the learning rate.
@Suite struct LayerRateTests {
  /// The first step of Adam moves a weight by its rate, whatever its gradient: the largest change in
  /// a parameter is the peak times the factor of its layer, and of a newly initialised head. Changes
  /// of 1e-4 and more of weights below 1 are rounded by less than a thousandth of them.
  @Test(arguments: [(1.0, 30.0), (0.5, 1.0), (0.5, 30.0)], [Precision.f32, .bf16])
  func rates(_ factors: (decay: Double, fresh: Double), _ precision: Precision) throws {
    let (decay, freshFactor) = factors
    let training = try TinyTraining(dropout: 0, layers: 3, head: false)
    let model = training.model
    let before = model.parameters.array
    let step = TrainingStep(
      model, AdamWOptions(epsilon: 1e-30, weightDecay: 0, clip: nil),
      StepOptions(precision: precision, workers: 2, layerDecay: decay))
    let loss = try Loss("softmax")
    _ = step.accumulate(training.batch(0..<6, workers: 2), loss, dropout: nil)
    _ = step.apply(count: 1, rate: 2e-3, freshFactor: freshFactor)
    let after = model.parameters.array
    let depths: [(prefix: String, depth: Double)] = [
      ("bert.embeddings.", 4), ("bert.encoder.layer.0.", 3), ("bert.encoder.layer.1.", 2),
      ("bert.encoder.layer.2.", 1), ("bert.pooler.", 0), ("classifier.weight", 0),
    ]
    var seen: Set<String> = []
    for entry in model.parameters.table.entries where entry.name != "classifier.bias" {
      let depth = try #require(depths.first { entry.name.hasPrefix($0.prefix) })
      seen.insert(depth.prefix)
      let change = entry.parameter.range.map { abs(Double(after[$0]) - Double(before[$0])) }.max()
      let isFresh = model.fresh.contains(entry.name)
      let expected = 2e-3 * pow(decay, depth.depth) * (isFresh ? freshFactor : 1)
      #expect(abs((change ?? 0) / expected - 1) < 2e-3, "\(entry.name)")
    }
    #expect(seen.count == depths.count)
    #expect(model.fresh.contains("classifier.weight"))
  }

  /// Rows without a gradient decay at the rate of their table.
  @Test func rowsDecay() throws {
    let training = try TinyTraining(dropout: 0)
    let model = training.model
    let words = try #require(model.lookupTable)
    let before = model.parameters.array(of: words)
    let step = TrainingStep(
      model, AdamWOptions(weightDecay: 0.5), StepOptions(workers: 2, layerDecay: 0.5))
    let batch = training.batch(0..<1, workers: 2)
    let used = Set(batch.shards.flatMap { model.lookupRows(of: $0) }.map(Int.init))
    _ = step.accumulate(batch, try Loss("softmax"), dropout: nil)
    _ = step.apply(count: 1, rate: 1e-1)
    let after = model.parameters.array(of: words)
    let columns = words.shape[1]
    var rows = 0
    for row in 0..<words.shape[0] where !used.contains(row) {
      rows += 1
      for i in row * columns..<(row + 1) * columns {
        // Two layers and the embeddings below them: 0.5³.
        let expected = Double(before[i]) * (1 - 0.1 * 0.125 * 0.5)
        #expect(abs(Double(after[i]) - expected) <= 1e-7 * max(1, abs(expected)))
      }
    }
    #expect(rows > 100)
  }

  /// A factor of 1 leaves the runs of the optimizer, and so the bits, as they are.
  @Test func runs() throws {
    let model = try TinyTraining().model
    let plain = TrainingStep(model, AdamWOptions(), StepOptions(workers: 1)).optimizer.runs
    let one = TrainingStep(model, AdamWOptions(), StepOptions(workers: 1, layerDecay: 1))
    #expect(one.optimizer.runs.map(\.range) == plain.map(\.range))
    let decayed = TrainingStep(model, AdamWOptions(), StepOptions(workers: 1, layerDecay: 0.9))
    #expect(Set(decayed.optimizer.runs.map(\.rateFactor)).count == 4)
  }
}
