import Conversions
import Corpora
import Diagnostics
import Foundation
import TestSupport
import Testing

/// A folder for a test, with files in it.
struct Scratch {
  let folder: URL

  init() throws { folder = try Material.temporaryFolder() }

  func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  @discardableResult
  func put(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return path(name)
  }

  /// A BEIR collection of documents and queries with their judgments by split.
  func collection(
    _ documents: [Document], _ queries: [Query], _ splits: [String: [Judgment]]
  ) throws -> Corpora.Collection {
    func json(_ values: [String: String]) throws -> String {
      String(decoding: try JSONSerialization.data(withJSONObject: values), as: UTF8.self) + "\n"
    }
    try put(
      "source/corpus.jsonl",
      documents.map { try json(["_id": $0.id, "title": $0.title, "text": $0.text]) }.joined())
    try put(
      "source/queries.jsonl", queries.map { try json(["_id": $0.id, "text": $0.text]) }.joined())
    for (name, judgments) in splits {
      try put(
        "source/qrels/\(name).tsv",
        "query-id\tcorpus-id\tscore\n"
          + judgments.map { "\($0.query)\t\($0.document)\t\($0.grade)\n" }.joined())
    }
    return try Collection(opening: path("source"))
  }

  /// Converts a collection with all of its splits.
  func convert(
    _ collection: Corpora.Collection, to format: String, _ name: String, overwrite: Bool = false,
    splits: [String]? = nil, candidates: (run: Run, depth: Int)? = nil
  ) throws -> Conversion {
    let splits = try (splits ?? collection.splits).map {
      CollectionSource.Split($0, try collection.judgments(split: $0))
    }
    return try DataFormat.named(format).write(
      .collection(CollectionSource(collection, splits, candidates: candidates)), to: path(name),
      overwrite: overwrite)
  }
}

/// What a failing call throws.
func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch {
    return error as? Failure
  }
}

/// Texts in which each layout's own characters occur.
enum Hostile {
  static let documents = [
    Document(id: "d1", title: "A \"title\", quoted", text: "first, \"second\"\nthird"),
    Document(id: "012", title: "", text: "\"begins with a quote\" and\tgoes on"),
    Document(id: "ü-3", title: "<b>Größe & Maß</b>", text: "1 < 2 && 3 > 2; &amp; &lt;doc&gt;"),
    Document(id: "d4", title: "", text: "</TEXT></DOC><DOC><DOCNO>x</DOCNO>"),
    Document(id: "d5", title: "only a title", text: ""),
    Document(id: "d6", title: "東京", text: "絵文字 🎈 \\ 'single' \u{2028} \u{1} end;"),
    Document(id: "d7", title: "", text: "not judged"),
  ]

  static let queries = [
    Query(id: "q1", text: "what, \"exactly\"?"), Query(id: "q2", text: "Topic: a & b < c"),
    Query(id: "q3", text: "größe"), Query(id: "q4", text: "not judged"),
  ]

  static let splits = [
    "train": [
      Judgment(query: "q1", document: "d1", grade: 3),
      Judgment(query: "q1", document: "012", grade: 0),
      Judgment(query: "q2", document: "ü-3", grade: 1),
      Judgment(query: "q2", document: "d4", grade: -1),
    ],
    "test": [
      Judgment(query: "q3", document: "d5", grade: 2),
      Judgment(query: "q3", document: "d6", grade: 1),
    ],
  ]
}
