import Conversions
import Corpora
import Diagnostics
import Foundation
import TestSupport
import Testing

/// What is written opens again, and is the same.
@Suite struct RoundTripTests {
  private func line(_ text: String) -> String {
    String(text.map { "\t\n\r".contains($0) ? " " : $0 })
  }

  private func judgments(_ collection: Corpora.Collection, _ split: String) throws -> [Judgment] {
    let judgments = try collection.judgments(split: split)
    return judgments.queries.flatMap { judgments.judgments(of: $0) }
  }

  /// Layouts of whole collections. Some keep texts on one line, and TREC's white space at the ends of a
  /// text is not a part of it.
  @Test(arguments: ["beir", "msmarco", "trec"])
  func folders(format: String) throws {
    let scratch = try Scratch()
    let source = try scratch.collection(Hostile.documents, Hostile.queries, Hostile.splits)
    let result = try scratch.convert(source, to: format, "out")
    #expect(result.documents == 7 && result.queries == 4 && result.judgments == 6)
    let copy = try Collection(opening: scratch.path("out"))
    #expect(copy.splits == ["test", "train"])
    for expected in Hostile.documents {
      var expected = expected
      if format == "msmarco" {
        (expected.title, expected.text) = (line(expected.title), line(expected.text))
      }
      let found = try copy.document(id: expected.id)
      #expect(found == expected, "\(format)")
    }
    for query in Hostile.queries { #expect(try copy.query(id: query.id) == query) }
    for (split, expected) in Hostile.splits {
      #expect(try judgments(copy, split) == expected)
    }
    // The same layout once more is the same, byte for byte.
    _ = try scratch.convert(copy, to: format, "again")
    for name in try FileManager.default.subpathsOfDirectory(atPath: scratch.path("out")) {
      guard let first = FileManager.default.contents(atPath: scratch.path("out/\(name)")) else {
        continue
      }
      #expect(
        FileManager.default.contents(atPath: scratch.path("again/\(name)")) == first, "\(name)")
    }
    #expect(
      result.notes
        == (format == "msmarco" ? ["texts in which tabs and line ends became spaces: 2"] : []))
  }

  @Test(arguments: ["csv", "tsv", "jsonl"])
  func tables(format: String) throws {
    let scratch = try Scratch()
    let source = try scratch.collection(Hostile.documents, Hostile.queries, Hostile.splits)
    let result = try scratch.convert(source, to: format, "out.\(format)")
    #expect(result.queries == 3 && result.judgments == 6)
    let copy = try Collection(opening: scratch.path("out.\(format)"))
    #expect(copy.layout == "table" && copy.splits == ["test", "train"])
    #expect(copy.documentCount == 6 && copy.queryCount == 3)
    for expected in Hostile.documents.dropLast() {
      var expected = expected
      if format == "tsv" {
        (expected.title, expected.text) = (line(expected.title), line(expected.text))
      }
      #expect(try copy.document(id: expected.id) == expected, "\(format)")
    }
    for query in Hostile.queries.dropLast() { #expect(try copy.query(id: query.id) == query) }
    for (split, expected) in Hostile.splits {
      #expect(try judgments(copy, split) == expected)
    }
    #expect(result.notes.contains("documents without a judgment, left out: 1"))
    // And back to a folder: all that the table has.
    let back = try scratch.convert(copy, to: "beir", "back")
    #expect(back.documents == 6 && back.queries == 3 && back.judgments == 6)
  }

  @Test func oneSplitNeedsNoColumn() throws {
    let scratch = try Scratch()
    let source = try scratch.collection(Hostile.documents, Hostile.queries, Hostile.splits)
    _ = try scratch.convert(source, to: "csv", "out.csv", splits: ["test"])
    let text = try scratch.read("out.csv")
    #expect(
      text.hasPrefix("query_id,query,doc_id,title,document,label\nq3,größe,d5,only a title,,2\n"))
    let copy = try Collection(opening: scratch.path("out.csv"))
    #expect(copy.isUnsplit && copy.queryCount == 1)
  }

  /// Lists of each shape read back as the judged documents.
  @Test(arguments: ["lists", "sentence-transformers", "flagembedding"])
  func lists(format: String) throws {
    let scratch = try Scratch()
    let source = try scratch.collection(Hostile.documents, Hostile.queries, Hostile.splits)
    let result = try scratch.convert(source, to: format, "out.jsonl", splits: ["train"])
    #expect(result.queries == 2 && result.documents == 4)
    var lines = try ListLines(opening: scratch.path("out.jsonl"))
    let known = Dictionary(uniqueKeysWithValues: Hostile.documents.map { ($0.id, $0) })
    for query in ["q1", "q2"] {
      let record = try #require(try lines.next())
      let expected = try #require(Hostile.splits["train"]).filter { $0.query == query }
      #expect(record.query == Hostile.queries.first { $0.id == query }?.text)
      #expect(record.documents.map(\.content) == expected.map { known[$0.document]?.content })
      // FlagEmbedding tells positives and negatives apart, and no more.
      let labels = expected.map { format == "flagembedding" ? ($0.grade >= 1 ? 1 : 0) : $0.grade }
      #expect(record.documents.map(\.label) == labels)
      #expect(record.queryID == (format == "lists" ? query : nil))
    }
    #expect(try lines.next() == nil)
  }

  /// Lists with a teacher's scores, from one shape to the other.
  @Test func teachersScores() throws {
    let scratch = try Scratch()
    let file = try scratch.put(
      "in.jsonl",
      """
      {"query": "a", "pos": ["p"], "neg": ["n", "m"], "pos_scores": [0.9], "neg_scores": [0.1, -2]}
      {"query": "b", "pos": ["p"], "neg": ["n"]}

      """)
    let source = ConversionSource.lists(ListFile(file, CollectionForm(), texts: nil))
    _ = try DataFormat.named("lists").write(source, to: scratch.path("own.jsonl"), overwrite: false)
    let own = ConversionSource.lists(
      ListFile(scratch.path("own.jsonl"), CollectionForm(), texts: nil))
    _ = try DataFormat.named("flagembedding").write(
      own, to: scratch.path("back.jsonl"), overwrite: false)
    #expect(
      try scratch.read("back.jsonl")
        == #"{"query":"a","pos":["p"],"neg":["n","m"],"pos_scores":[0.9],"neg_scores":[0.1,-2]}"#
        + "\n" + #"{"query":"b","pos":["p"],"neg":["n"]}"# + "\n")
    let result = try DataFormat.named("csv").write(
      own, to: scratch.path("table.csv"), overwrite: false)
    #expect(result.notes == ["teacher's scores that were left out: 3"])
    let table = try Collection(opening: scratch.path("table.csv"))
    #expect(table.queryCount == 2 && table.documentCount == 3)
  }

  /// Lists that name texts only by id get them from a collection.
  @Test func textsByID() throws {
    let scratch = try Scratch()
    let collection = try scratch.collection(Hostile.documents, Hostile.queries, Hostile.splits)
    let file = try scratch.put(
      "in.jsonl",
      #"{"query_id": "q3", "documents": [{"id": "d5", "label": 1}, {"id": "d6", "label": 0}]}"#
        + "\n")
    func write(_ texts: Corpora.Collection?) throws {
      _ = try DataFormat.named("sentence-transformers").write(
        .lists(ListFile(file, CollectionForm(), texts: texts)), to: scratch.path("out.jsonl"),
        overwrite: true)
    }
    try write(collection)
    #expect(
      try scratch.read("out.jsonl")
        == #"{"query":"größe","docs":["only a title","東京 絵文字 🎈 \\ 'single' "#
        + "\u{2028} \\u0001 end;\"],\"labels\":[1,0]}\n")
    let missing = try #require(failure { try write(nil) })
    #expect(
      missing.problem == "the query 'q3' has no text" && missing.place?.line == 1
        && missing.remedy == "name the collection with --texts")
    #expect(try scratch.read("out.jsonl").hasPrefix("{\"query\":\"größe\""), "nothing was lost")
  }

  /// Candidates without a judgment become documents that are not relevant.
  @Test func candidates() throws {
    let scratch = try Scratch()
    let source = try scratch.collection(Hostile.documents, Hostile.queries, Hostile.splits)
    let run = try Run(
      opening: scratch.put(
        "r.run", "q3 Q0 d5 1 9 t\nq3 Q0 d7 2 8 t\nq3 Q0 d1 3 7 t\nq3 Q0 d4 4 6 t\n"))
    let result = try scratch.convert(
      source, to: "flagembedding", "out.jsonl", splits: ["test"], candidates: (run, 3))
    #expect(result.documents == 4)
    var lines = try ListLines(opening: scratch.path("out.jsonl"))
    let record = try #require(try lines.next())
    #expect(record.documents.map(\.label) == [1, 1, 0, 0])
    #expect(record.documents[2].text == "not judged")
  }
}
