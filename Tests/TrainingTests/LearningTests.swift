import Autodiff
import Diagnostics
import Foundation
import Lists
import ModelFiles
import Models
import Options
import Randomness
import Ranking
import TestSupport
import Testing
import Training

/// Whole runs of training whose result depends on the schedule, dropout and the lists: seconds, on
/// the handwritten model.
@Suite(.serialized) struct LearningTests {
  /// What a run said while it went on.
  private final class Events {
    var all: [TrainingEvent] = []
    var steps: [StepReport] {
      all.compactMap { if case .step(let step) = $0 { step } else { nil } }
    }
  }

  /// Runs training on a collection whose first stage knows nothing.
  private func trained(
    _ collection: WordCollection, dropout: Float? = nil,
    _ change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> (outcome: TrainingOutcome, steps: [StepReport]) {
    let measure = try Measure(parsing: "nDCG@10")
    var plan = TrainingPlan(
      loss: try Loss("softmax"), warmUpLoss: try Loss("softmax"), measures: [measure],
      select: measure)
    plan.lists = ListOptions(size: 8, positives: 5)
    plan.training.batch = .lists(4)
    plan.training.epochs = 8
    plan.training.workers = 2
    plan.maximumLength = 24
    plan.optimizer.schedule = Schedule(peak: 5e-3)
    plan.evaluateEvery = .epochs(plan.training.epochs)
    change(&plan)
    let folder = try Material.temporaryFolder()
    try HandwrittenModel.write(to: folder.appending(path: "model"))
    let source = try ModelSource(
      folder.appending(path: "model").path(percentEncoded: false), dropout: dropout)
    let model = try CrossEncoder(source, seed: 1)
    let events = Events()
    let data = try TrainingData(
      collection.sources, plan, model: model, biEncoder: nil, progress: { _, _, _ in },
      report: { events.all.append($0) })
    let directory = RunDirectory(folder.appending(path: "run").path(percentEncoded: false))
    try directory.create(overwrite: false)
    let trainer = try Trainer(
      model, plan, data, directory: directory, recipe: "seed: 7\n", progress: { _, _, _ in },
      report: { events.all.append($0) })
    guard case .finished(let outcome) = try trainer.run(shouldStop: { false }) else {
      throw Failure(.software, "the run did not finish")
    }
    return (outcome, events.steps)
  }

  /// 128 steps to nDCG@10 of more than 0.985.
  ///
  /// Over 4 collections and 3 seeds it is from 0.994 to 1. With something broken it is: a tenth of the
  /// rate 0.945 to 0.969, ten times the rate 0.5 to 0.9, lists of the first four queries alone 0.89 to
  /// 0.963, grades of other documents 0.4 to 0.8. In PyTorch, on documents of four words each: dropout
  /// that stays on in evaluation 0.95 to 0.986, no learning 0.4.
  @Test(.timeLimit(.minutes(2))) func learnsWhichWordsCount() throws {
    let (outcome, steps) = try trained(WordCollection())
    let report = try #require(outcome.dev)
    let first = try #require(report.value(RankingEvaluator.Order.firstStage, "nDCG@10"))
    let found = try #require(report.value(RankingEvaluator.Order.model, "nDCG@10"))
    #expect(report.queries >= 38 && first < 0.8, "the first stage knows nothing: \(first)")
    #expect(found > 0.985, "\(found)")
    // A constant rate, and one that does not rise at first, learn this task just as well.
    let peak = 5e-3
    #expect(steps.count == 128)
    for (i, step) in steps.enumerated() {
      let rate = i < 13 ? peak * Double(i + 1) / 13 : peak * Double(128 - i) / 115
      #expect(abs(step.learningRate - rate) < 1e-12, "step \(i + 1): \(step.learningRate)")
    }
  }

  /// How many losses of a run over one query differ, with a learning rate of 0: rounding, which
  /// depends on the order of the documents, is below 1e-5; dropout and other documents change the
  /// loss by tenths.
  private func distinctLosses(documents: Int, lists: ListOptions, dropout: Float?) throws -> Int {
    let collection = try WordCollection(trainingQueries: 1, documents: documents)
    let (_, steps) = try trained(collection, dropout: dropout) { plan in
      plan.lists = lists
      plan.optimizer.schedule = Schedule(peak: 0)
    }
    let losses = steps.map(\.loss).sorted()
    #expect(losses.count == 8)
    return 1 + zip(losses, losses.dropFirst()).count { $1 - $0 > 1e-5 }
  }

  /// The mask of dropout is drawn for every step: two documents have two orders, so that one mask for
  /// all steps would give two losses. Without dropout and with a list of all documents nothing is
  /// random.
  @Test func dropoutDiffersFromStepToStep() throws {
    let (pair, all) = (ListOptions(size: 2, positives: 2), ListOptions(size: 12, positives: 12))
    #expect(try distinctLosses(documents: 2, lists: pair, dropout: nil) >= 7)
    #expect(try distinctLosses(documents: 12, lists: all, dropout: 0) == 1)
  }

  /// The documents of a list are drawn for every epoch.
  @Test func listsDifferFromEpochToEpoch() throws {
    let half = ListOptions(size: 6, positives: 3)
    #expect(try distinctLosses(documents: 12, lists: half, dropout: 0) >= 7)
  }
}

/// A collection in a temporary folder whose documents are eight words each, graded by how many of
/// them are of one half of the vocabulary. A training query's documents have two words only, so that
/// the whole vocabulary is learned from many lists; those of dev queries have all words. The first
/// stage's order is that in which the documents were drawn.
private struct WordCollection {
  let sources: TrainingSources

  private static let good = "restore file open menu water the . a".split(separator: " ")
  private static let bad = "trash delete boil is to how , ?".split(separator: " ")

  init(trainingQueries: Int = 64, documents count: Int = 12) throws {
    let folder = try Material.temporaryFolder()
    try FileManager.default.createDirectory(
      at: folder.appending(path: "qrels"), withIntermediateDirectories: true)
    func write(_ name: String, _ lines: [String]) throws {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
    }
    var (documents, queries): ([String], [String]) = ([], [])
    var random = SplitMix64(seed: 5)
    for (split, queryCount) in [("train", trainingQueries), ("dev", 40)] {
      var judgments = ["query-id\tcorpus-id\tscore"]
      var run: [String] = []
      for i in 0..<queryCount {
        var (good, bad) = (Self.good, Self.bad)
        if split == "train" {
          good = [good[i % 8]]
          bad = [bad[(5 * i + i / 8) % 8]]
        }
        let query = "\(split)\(i)"
        queries.append(#"{"_id": "\#(query)", "text": "\#(good[random.below(good.count)]) cat"}"#)
        for document in 0..<count {
          let matches = random.below(9)
          var words = (0..<8).map { place in
            place < matches ? good[random.below(good.count)] : bad[random.below(bad.count)]
          }
          for place in (1..<8).reversed() { words.swapAt(place, random.below(place + 1)) }
          let grade = matches >= 7 ? 3 : matches >= 5 ? 2 : matches == 4 ? 1 : 0
          let id = "\(query)-\(document)"
          documents.append(#"{"_id": "\#(id)", "text": "\#(words.joined(separator: " "))"}"#)
          judgments.append("\(query)\t\(id)\t\(grade)")
          run.append("\(query) Q0 \(id) \(document + 1) \(count - document) drawn")
        }
      }
      try write("qrels/\(split).tsv", judgments)
      try write("\(split).run", run)
    }
    try write("corpus.jsonl", documents)
    try write("queries.jsonl", queries)
    let path = folder.path(percentEncoded: false)
    func source(_ split: String) -> TrainingSource {
      TrainingSource(collection: path, split: split, candidates: "\(path)/\(split).run")
    }
    sources = TrainingSources(train: .judged(source("train")), dev: source("dev"))
  }
}
