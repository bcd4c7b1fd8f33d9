import Autodiff
import Batches
import Foundation
import ModelFiles
import ModelSupport
import Models
import Randomness
import Ranking
import TestSupport
import Testing
import Training

/// A tiny model with lists to learn from.
struct TinyTraining {
  let model: CrossEncoder
  let tokens: PairTokens
  let lists: [TrainingList]

  /// Lists of 4 to 8 documents of 0 to 60 words each, with grades from 0 to 3.
  init(lists count: Int = 12, dropout: Double = 0.1) throws {
    model = try CrossEncoder(ModelSource(TinyModel(dropout: dropout).written()), seed: 1)
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
  func batch(_ range: Range<Int>, workers: Int, isWeighted: Bool = false) -> TrainingBatch {
    var batch = TrainingBatch(workers: workers)
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

/// A BEIR collection of tiny texts with runs, in a temporary folder.
struct TinyCollection {
  let path: String
  let train: String
  let dev: String

  /// 40 documents of two sentences with a title, 12 queries of which 8 are for training; judged are
  /// three documents a query, candidates ten.
  init() throws {
    let folder = try TestSupport.Material.temporaryFolder()
    path = folder.path(percentEncoded: false)
    train = path + "/train.run"
    dev = path + "/dev.run"
    try FileManager.default.createDirectory(
      at: folder.appending(path: "qrels"), withIntermediateDirectories: true)
    func write(_ name: String, _ lines: [String]) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
    }
    try write(
      "corpus.jsonl",
      (0..<40).map { i in
        let title = TinyModel.text(words: 4, seed: UInt64(i))
        let text =
          TinyModel.text(words: 9, seed: UInt64(100 + i)) + ". "
          + TinyModel.text(words: 10, seed: UInt64(200 + i)) + "."
        return #"{"_id": "d\#(i)", "title": "\#(title)", "text": "\#(text)"}"#
      })
    try write(
      "queries.jsonl",
      (0..<12).map { i in
        #"{"_id": "q\#(i)", "text": "\#(TinyModel.text(words: 5, seed: UInt64(300 + i)))"}"#
      })
    for (split, queries) in [("train", 0..<8), ("dev", 8..<12)] {
      try write(
        "qrels/\(split).tsv",
        ["query-id\tcorpus-id\tscore"]
          + queries.flatMap { q in (0..<3).map { "q\(q)\td\((q * 3 + $0) % 40)\t\(2 - $0)" } })
      try write(
        "\(split).run",
        queries.flatMap { q in
          (0..<10).map { r in
            "q\(q) Q0 d\((q * 3 + 12 - r) % 40) \(r + 1) \(10 - Double(r) / 2) bm25"
          }
        })
    }
  }

  var trainSource: TrainingSource {
    TrainingSource(collection: path, split: "train", candidates: train)
  }

  func sources(dev hasDev: Bool) -> TrainingSources {
    TrainingSources(
      train: .judged(trainSource),
      dev: hasDev ? TrainingSource(collection: path, split: "dev", candidates: dev) : nil)
  }
}
