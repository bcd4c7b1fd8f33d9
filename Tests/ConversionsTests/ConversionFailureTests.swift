import Conversions
import Corpora
import Diagnostics
import Foundation
import TestSupport
import Testing

/// What a layout cannot hold is an error, and nothing half-converted is left.
@Suite struct ConversionFailureTests {
  private func collection(
    _ scratch: Scratch, document: String = "d1", query: String = "q1", grade: Double = 1,
    split: String = "train"
  ) throws -> Corpora.Collection {
    try scratch.collection(
      [Document(id: document, text: "a text")], [Query(id: query, text: "a query")],
      [split: [Judgment(query: query, document: document, grade: grade)]])
  }

  @Test(arguments: [
    ("msmarco", "a b", "q1", 1.0, "the id 'a b' of a document has white space"),
    ("trec", "d1", "q 1", 1, "the id 'q 1' of a query has white space"),
    ("trec", "d1", "q1", 0.5, "the grade 0.5 of document 'd1' for query 'q1' is not an integer"),
  ])
  func unfitting(
    format: String, document: String, query: String, grade: Double, problem: String
  ) throws {
    let scratch = try Scratch()
    let source = try collection(scratch, document: document, query: query, grade: grade)
    let found = try #require(failure { _ = try scratch.convert(source, to: format, "out") })
    #expect(found.kind == .badData && found.problem.hasPrefix(problem), "\(found)")
    #expect(found.remedy?.hasPrefix("convert to beir") == true)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path) == ["source"],
      "nothing is left")
    // BEIR holds all of it.
    _ = try scratch.convert(source, to: "beir", "out")
  }

  /// A name of a split that a layout's reader takes apart is found when the folder is read back.
  @Test func whatDoesNotReadBack() throws {
    let scratch = try Scratch()
    let source = try collection(scratch, split: "dev.small")
    let found = try #require(failure { _ = try scratch.convert(source, to: "trec", "out") })
    #expect(found.problem.contains("has no split 'dev.small'"), "\(found)")
    #expect(!scratch.exists("out"))
    _ = try scratch.convert(source, to: "msmarco", "out")
    #expect(try Collection(opening: scratch.path("out")).splits == ["dev.small"])
  }

  @Test func outputThatExists() throws {
    let scratch = try Scratch()
    let source = try collection(scratch)
    try scratch.put("out/mine.txt", "mine")
    let found = try #require(failure { _ = try scratch.convert(source, to: "beir", "out") })
    #expect(found.kind == .cannotCreate)
    #expect(try scratch.read("out/mine.txt") == "mine")
  }

  @Test func listsAreNoCollection() throws {
    let scratch = try Scratch()
    let file = try scratch.put("in.jsonl", #"{"query": "a", "pos": ["p"], "neg": ["n"]}"# + "\n")
    func write(_ format: String) throws {
      _ = try DataFormat.named(format).write(
        .lists(ListFile(file, CollectionForm(), texts: nil)), to: scratch.path("out"),
        overwrite: false)
    }
    let found = try #require(failure { try write("beir") })
    #expect(
      found.kind == .usage
        && found.remedy == "convert the lists to csv first, which is a collection too")
    let unknown = try #require(failure { try write("BEIR2") })
    #expect(unknown.kind == .usage && unknown.remedy == "write 'beir'")
    try scratch.put("in.jsonl", #"{"query": "a", "pos": ["p"], "neg": []}"# + "\n")
    let empty = try #require(failure { try write("flagembedding") })
    #expect(
      empty.problem == "nothing is left to write: queries without a negative, left out: 1",
      "\(empty)")
    #expect(!scratch.exists("out"))
    // A damaged line leaves nothing behind either.
    try scratch.put(
      "in.jsonl", #"{"query": "a", "pos": ["p"], "neg": ["n"]}"# + "\n{\"query\": 3\n")
    let damaged = try #require(failure { try write("lists") })
    #expect(damaged.kind == .badData && damaged.place?.line == 2)
    #expect(!scratch.exists("out"))
  }

  /// Judgments of ids that are missing are left out and counted.
  @Test func unresolvedIDs() throws {
    let scratch = try Scratch()
    let source = try scratch.collection(
      [Document(id: "d1", text: "t")], [Query(id: "q1", text: "q")],
      [
        "train": [
          Judgment(query: "q1", document: "d1", grade: 1),
          Judgment(query: "q1", document: "nowhere", grade: 1),
          Judgment(query: "nobody", document: "d1", grade: 1),
        ]
      ])
    let result = try scratch.convert(source, to: "csv", "out.csv")
    #expect(
      result.notes == [
        "judgments of documents that the corpus lacks, left out: 1",
        "judged queries that the collection lacks, left out: 1",
      ])
    #expect(try scratch.read("out.csv").split(separator: "\n").count == 2)
  }
}
