import Corpora
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

@Suite(.serialized) struct LabelledListTests {
  /// A run of training on a tiny model, and what it said.
  private struct Trained {
    var parameters: [Float]
    var notes: [String]
    var warnings: [String]
  }

  /// Trains in two epochs; with `stop`, interrupted after so many steps and resumed.
  private func train(
    _ sources: TrainingSources, stop: Int? = nil, warmUp: WarmUpOptions? = nil,
    _ change: (inout TrainingPlan) throws -> Void = { _ in }
  ) throws -> Trained {
    var plan = TrainingPlan(
      loss: try Loss("lambdarank"), warmUpLoss: try Loss("softmax"),
      measures: [try Measure(parsing: "nDCG@10")], select: try Measure(parsing: "nDCG@10"))
    plan.lists = ListOptions(size: 5, negatives: [.judged])
    plan.training.batch = .lists(2)
    plan.training.epochs = 2
    plan.training.workers = 2
    plan.maximumLength = 40
    plan.optimizer.schedule = Schedule(peak: 1e-3)
    plan.warmUp = warmUp
    plan.warmUp?.batch = .lists(2)
    try change(&plan)
    let folder = try TestSupport.Material.temporaryFolder()
    let directory = RunDirectory(folder.path(percentEncoded: false))
    try directory.create(overwrite: false)
    var result = Trained(parameters: [], notes: [], warnings: [])
    var left = stop
    while true {
      let source = try ModelSource(TinyModel().written())
      let model = try CrossEncoder(source, seed: 1)
      let data = try TrainingData(
        sources, plan, model: model, biEncoder: warmUp == nil ? nil : BiEncoder(source),
        progress: { _, _, _ in }
      ) { event in
        if case .note(let text) = event { result.notes.append(text) }
        if case .warning(let text) = event { result.warnings.append(text) }
      }
      let trainer = try Trainer(
        model, plan, data, directory: directory, recipe: "", progress: { _, _, _ in },
        report: { _ in })
      if stop != nil, left == nil, let checkpoint = directory.newestCheckpoint {
        try trainer.resume(from: checkpoint)
      }
      var done = -1
      let end = try trainer.run {
        done += 1
        return done == left
      }
      result.parameters = model.parameters.values.array
      if case .finished = end { return result }
      left = nil
    }
  }

  private func write(_ lines: [String], _ name: String = "lists.jsonl") throws -> String {
    let folder = try TestSupport.Material.temporaryFolder()
    let file = folder.appending(path: name)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    return file.path(percentEncoded: false)
  }

  /// The texts of `TinyCollection`.
  private func texts(of collection: TinyCollection) throws -> [String] {
    let opened = try Collection(opening: collection.path)
    return try (0..<40).map { try opened.document(id: "d\($0)").content }
  }

  /// Judged documents and the same as lists of texts or ids end in the same bits: whole lists, and
  /// some that are drawn from longer ones.
  @Test(arguments: [ListOptions(size: 5), ListOptions(size: 2, positives: 1)])
  func sameAsCollection(_ options: ListOptions) throws {
    let collection = try TinyCollection()
    var options = options
    options.negatives = [.judged]
    func parameters(_ origin: TrainingSources.Origin) throws -> [Float] {
      try train(TrainingSources(train: origin)) { $0.lists = options }.parameters
    }
    let judged = try parameters(
      .judged(TrainingSource(collection: collection.path, split: "train", candidates: nil)))
    let texts = try texts(of: collection)
    let byText = try write(
      collection.listLines(query: TinyCollection.queryKey) { #""text": "\#(texts[$0])""# })
    #expect(try parameters(.lists(ListSource(file: byText))) == judged)
    let byID = try write(
      collection.listLines(query: { #""query_id": "q\#($0)""# }) { #""id": "d\#($0)""# })
    let source = ListSource(file: byID, collection: collection.path)
    #expect(try parameters(.lists(source)) == judged)
    let untrained = try CrossEncoder(ModelSource(TinyModel().written()), seed: 1)
    #expect(untrained.parameters.values.array != judged)
  }

  /// Lists of clicks with a teacher from the lists and with weights: training is bent by both, and
  /// a run that is interrupted and resumed ends with the same bits.
  @Test func teachersAndWeights() throws {
    let lines = (0..<8).map { q in
      let documents = (0..<6).map { i in
        #"{"text": "\#(TinyModel.text(words: 8, seed: UInt64(i * 7 + q)))", "position": \#(i + 1), "#
          + #""label": \#((q + i) % 3 == 0 ? 1 : 0)\#(i == 4 ? "" : #", "teacher": \#(i - q)"#)}"#
      }
      return #"{\#(TinyCollection.queryKey(q)), "weight": \#(1 + q % 2), "documents": "#
        + "[\(documents.joined(separator: ", "))]}"
    }
    let file = try write(lines)
    let power = ClickWeightOptions(propensities: .power(1))
    func run(_ options: ClickWeightOptions?, stop: Int? = nil) throws -> Trained {
      try train(
        TrainingSources(train: .lists(ListSource(file: file, clickWeights: options))), stop: stop)
    }
    let whole = try run(power)
    #expect(
      whole.notes == [
        "8 lists with 48 documents from \(file)",
        "the teacher has scored 40 of 48 pairs, 8 have no score",
        "16 clicked documents have propensity weights with mean 3.5000 before normalisation; 0 "
          + "were clipped to 10.0",
      ])
    for stop in [1, 5] { #expect(try run(power, stop: stop).parameters == whole.parameters) }
    #expect(try run(nil).parameters != whole.parameters, "weights have a say")
    let even = try write(
      lines.map {
        $0.replacing(#""weight": 2"#, with: #""weight": 1"#)
      })
    let other = try train(
      TrainingSources(train: .lists(ListSource(file: even, clickWeights: power))))
    #expect(other.parameters != whole.parameters, "so have the weights of lists")
    // Every registered loss that learns from a teacher follows it, alone and in a sum with labels.
    for definition in Losses.all where definition.needsTeacher {
      let taught = try Loss(definition.name)
      let sum = try Loss(sum: [(1, taught), (0.5, try Loss("lambdarank"))])
      let swapped = try write(
        lines.map { $0.replacing(#""teacher": -"#, with: #""teacher": "#) })
      for loss in [taught, sum] {
        func parameters(_ file: String) throws -> [Float] {
          try train(TrainingSources(train: .lists(ListSource(file: file)))) { $0.loss = loss }
            .parameters
        }
        #expect(try parameters(file) != parameters(swapped), "\(loss)")
      }
      let bare = try write(
        lines.map { $0.replacing("teacher", with: "other_teacher") })
      let failure = try #require(throws: Failure.self) {
        try train(TrainingSources(train: .lists(ListSource(file: bare)))) { $0.loss = sum }
      }
      #expect(
        failure.description == """
          error: the loss '\(sum)' needs a teacher's scores, but none are given
            at: \(bare)
            expected: a teacher's scores
            to do: add 'data.train.teacher' with a run file or a model, or lists with 'teacher' scores
          """)
    }
  }

  /// Lists whose hardest documents are chosen again learn something else, and what is interrupted and
  /// resumed learns the same.
  @Test func hardCandidates() throws {
    let lines = (0..<8).map { q in
      let documents = (0..<9).map { i in
        #"{"text": "\#(TinyModel.text(words: 8, seed: UInt64(i * 7 + q)))", "label": \#(i < 2 ? 1 : 0)}"#
      }
      return
        #"{\#(TinyCollection.queryKey(q)), "documents": [\#(documents.joined(separator: ", "))]}"#
    }
    let sources = TrainingSources(train: .lists(ListSource(file: try write(lines))))
    func run(hardest: Int?, stop: Int? = nil) throws -> [Float] {
      try train(sources, stop: stop) { plan in
        plan.remining = hardest.map { ReminingOptions(hardest: $0, relativeMargin: nil) }
      }.parameters
    }
    let whole = try run(hardest: 3)
    #expect(try run(hardest: nil) != whole)
    for stop in [3, 4, 6] { #expect(try run(hardest: 3, stop: stop) == whole) }
  }

  /// Losses that compare lists with each other learn from a list that has one document, and another
  /// loss does not.
  @Test(arguments: ["infonce", "ordinal"])
  func listsOfOne(_ name: String) throws {
    let collection = try TinyCollection()
    let texts = try texts(of: collection)
    let file = try write(
      (0..<8).map { q in
        #"{\#(TinyCollection.queryKey(q)), "documents": [{"text": "\#(texts[q])", "label": 1}]}"#
      })
    let lists = TrainingSources(train: .lists(ListSource(file: file)))
    let loss = try Loss(name, options: name == "ordinal" ? ["thresholds": "learned"] : [:])
    let result = try train(lists) { $0.loss = loss }
    #expect(!result.notes.contains { $0.contains("left out") }, "\(result.notes)")
    #expect(throws: Failure.self) { try train(lists) { $0.loss = try Loss("lambdarank") } }
  }
}
