import Autodiff
import Batches
import Diagnostics
import Foundation
import Lists
import ModelFiles
import ModelSupport
import Models
import Options
import Randomness
import Ranking
import Testing
import Training

/// A tiny model with lists to learn from.
struct TinyTraining {
  let model: CrossEncoder
  let tokens: PairTokens
  let lists: [TrainingList]

  /// Lists of 4 to 8 documents of 0 to 60 words each, with grades from 0 to 3.
  init(
    lists count: Int = 12, dropout: Double = 0.1, layers: Int = 2, head: Bool = true,
    adapters: AdapterPlan? = nil, exits: ExitPlan? = nil
  ) throws {
    try self.init(
      of: TinyModel(layers: layers, dropout: dropout, head: head), lists: count,
      adapters: adapters, exits: exits)
  }

  /// The same lists with another model.
  init(
    of tiny: TinyModel, lists count: Int = 12, adapters: AdapterPlan? = nil,
    exits: ExitPlan? = nil
  ) throws {
    model = try CrossEncoder(ModelSource(tiny.written()), seed: 1, adapters, exits)
    var tokens = PairTokens(model.tokenizer)
    var random = SplitMix64(seed: 5)
    lists = (0..<count).map { i in
      let size = 4 + i % 5
      return TrainingList(
        query: tokens.append(query: TinyModel.text(words: 3 + i % 4, seed: UInt64(i))),
        documents: (0..<size).map { _ in
          let text = TinyModel.text(words: random.below(61), seed: random.next())
          return tokens.append(document: text)
        },
        labels: (0..<size).map { Double($0 % 4) })
    }
    self.tokens = tokens
  }

  /// A batch of some of the lists; weighted, with a teacher's scores of all but the first document
  /// of each, and with weights of documents and lists.
  func batch(
    _ range: Range<Int>, workers: Int, isWeighted: Bool = false
  ) -> TrainingBatch<PackedBatch> {
    var batch = TrainingBatch<PackedBatch>(workers: workers)
    var lists = lists[range]
    if isWeighted {
      for i in range {
        let count = lists[i].documents.count
        lists[i].teachers = [.nan] + (1..<count).map { Double($0) / 3 }
        lists[i].weights = (0..<count).map { 1 + Double($0) / 4 }
        lists[i].weight = 1 + Double(i % 3)
      }
    }
    batch.fill(lists, from: tokens, maximumLength: 48)
    return batch
  }

  /// The parameters after some steps, each on four of the lists.
  func trained(
    steps: Int, workers: Int, rate: Double = 1e-4, precision: Precision = .f32
  ) throws -> [Float] {
    let step = TrainingStep(
      model, AdamWOptions(), StepOptions(precision: precision, workers: workers))
    let loss = try Loss("lambdarank")
    for i in 0..<steps {
      let start = i * 4 % (lists.count - 3)
      let value = step.accumulate(
        batch(start..<start + 4, workers: workers), loss,
        dropout: DropoutKey(seed: 3, step: UInt32(i)))
      #expect(value.isFinite)
      _ = step.apply(count: i + 1, rate: rate)
    }
    return model.parameters.values.array
  }
}

extension CrossEncoder {
  /// A model with adapters or exits, if there is a plan of them.
  init(
    _ source: ModelSource, seed: UInt64, _ adapters: AdapterPlan?, _ exits: ExitPlan? = nil
  ) throws {
    if let adapters {
      try self.init(source, seed: seed, adapting: adapters, at: { Place("recipe", key: $0) })
    } else {
      try self.init(
        source, seed: seed, exits: exits.map { .trained($0, place: Place("recipe")) } ?? .none)
    }
  }
}

extension TinyCollection {
  var trainSource: TrainingSource {
    TrainingSource(collection: path, split: "train", candidates: train)
  }

  func sources(dev hasDev: Bool) -> TrainingSources {
    TrainingSources(
      train: .judged(trainSource),
      dev: hasDev ? TrainingSource(collection: path, split: "dev", candidates: dev) : nil)
  }
}
