import Corpora
import Diagnostics
import Foundation
import Lists
import ModelSupport
import Options
import Ranking
import TestSupport
import Testing

/// What is read of judged queries and of files of lists, and what is said of it.
@Suite struct TrainingExampleTests {
  private struct Found {
    var examples: TrainingExamples
    var texts: ReceivedTexts
    var notes: [String]
  }

  private func examples(_ sources: TrainingSources, _ loss: Loss) throws -> Found {
    let texts = ReceivedTexts()
    var library = TextLibrary(texts)
    var notes: [String] = []
    let plan = SamplingPlan(ListOptions(size: 5, negatives: [.judged]), loss: loss, seed: 7)
    let examples = try TrainingExamples(sources, plan, into: &library) { notes.append($0) }
    return Found(examples: examples, texts: texts, notes: notes)
  }

  private func write(_ lines: [String], _ name: String = "lists.jsonl") throws -> String {
    let file = try TestSupport.Material.temporaryFolder().appending(path: name)
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    return file.path(percentEncoded: false)
  }

  private func texts(of collection: TinyCollection) throws -> [String] {
    let opened = try Collection(opening: collection.path)
    return try (0..<40).map { try opened.document(id: "d\($0)").content }
  }

  /// Judged documents and the same as lists of texts or ids make the same lists, and hand on the
  /// same texts.
  @Test func sameLists() throws {
    let collection = try TinyCollection()
    let loss = try Loss("lambdarank")
    let judged = try examples(
      TrainingSources(
        train: .judged(TrainingSource(collection: collection.path, split: "train", candidates: nil))
      ), loss)
    let texts = try texts(of: collection)
    let byText = try write(
      collection.listLines(query: TinyCollection.queryKey) { #""text": "\#(texts[$0])""# })
    let byID = try write(
      collection.listLines(query: { #""query_id": "q\#($0)""# }) { #""id": "d\#($0)""# })
    for source in [ListSource(file: byText), ListSource(file: byID, collection: collection.path)] {
      let found = try examples(TrainingSources(train: .lists(source)), loss)
      #expect(found.notes == ["8 lists with 24 documents from \(source.file)"])
      #expect(found.texts.queries == judged.texts.queries)
      #expect(found.texts.documents == judged.texts.documents)
      for epoch in 0..<3 {
        #expect(
          found.examples.sampler.lists(epoch: epoch) == judged.examples.sampler.lists(epoch: epoch))
      }
    }
    #expect(judged.examples.queries.count == 8 && judged.texts.documents.count == 24)
  }

  /// A teacher's run is looked up by ids, of a collection or beside the texts of lists.
  @Test func teacherRuns() throws {
    let collection = try TinyCollection()
    let texts = try texts(of: collection)
    let judged = TrainingSource(
      collection: collection.path, split: "train", candidates: collection.train)
    let run = try write(
      (0..<16).map { "q\($0 / 2) Q0 d\(($0 / 2 * 3 + $0 % 2) % 40) 1 \($0).5 teacher" }
        + ["q9 Q0 d1 1 1 teacher"], "teacher.run")
    let taught = try Loss("margin_mse")
    func notes(_ sources: TrainingSources, loss: Loss = taught) throws -> [String] {
      try examples(sources, loss).notes
    }
    let found = try notes(TrainingSources(train: .judged(judged), teacher: run))
    // Three judged documents a query and ten candidates.
    #expect(found.contains("the teacher has scored 16 of 104 pairs, 88 have no score"), "\(found)")
    let named = try write(
      collection.listLines(query: { "\(TinyCollection.queryKey($0)), \"query_id\": \"q\($0)\"" }) {
        #""text": "\#(texts[$0])", "id": "d\#($0)", "teacher": 1"#
      })
    let lists = TrainingSources(train: .lists(ListSource(file: named)), teacher: run)
    #expect(
      try notes(lists) == [
        "8 lists with 24 documents from \(named)",
        "the teacher has scored 16 of 24 pairs, 8 have no score",
      ], "the run takes the place of what the lists say")
    #expect(
      try notes(lists, loss: try Loss("lambdarank")) == [
        "the loss 'lambdarank' uses no teacher: \(run) is not read",
        "8 lists with 24 documents from \(named)",
        "the teacher has scored 24 of 24 pairs, 0 have no score",
      ])
    let strange = try write(["x Q0 y 1 1 teacher"], "strange.run")
    for origin in [TrainingSources.Origin.judged(judged), lists.train] {
      let failure = try #require(throws: Failure.self) {
        _ = try notes(TrainingSources(train: origin, teacher: strange))
      }
      #expect(failure.problem.hasPrefix("the teacher has scored none of the "))
      #expect(failure.place == Place(strange))
    }
    let unnamed = try write(
      [#"{"query": "a", "documents": [{"text": "b", "label": 1}, {"text": "c", "label": 0}]}"#])
    let failure = try #require(throws: Failure.self) {
      _ = try notes(TrainingSources(train: .lists(ListSource(file: unnamed)), teacher: run))
    }
    #expect(failure.problem == "the id by which to find the score in the teacher's run is missing")
    #expect(failure.place == Place(unnamed, line: 1, key: "query_id"))
    let endless = try write(["q1 Q0 d3 1 inf teacher"], "endless.run")
    let infinite = try #require(throws: Failure.self) {
      _ = try notes(TrainingSources(train: lists.train, teacher: endless))
    }
    #expect(
      infinite.problem == "the teacher's score of document 'd3' for query 'q1' is inf"
        && infinite.place == Place(endless))
  }
}
