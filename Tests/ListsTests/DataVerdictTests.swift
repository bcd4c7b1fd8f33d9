import Corpora
import Diagnostics
import Files
import Foundation
import Lists
import ModelSupport
import Options
import TestSupport
import Testing

/// Queries that are documents of the collection, and texts that are not there.
@Suite struct DataVerdictTests {
  /// Queries a1 and b1 are documents; b1's own copy is in the lists of a1 alone.
  private func folder(key: String = "text") throws -> URL {
    let folder = try TestSupport.Material.temporaryFolder()
    func write(_ name: String, _ text: String) throws {
      let url = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    func line(_ id: String, _ seed: UInt64) -> String {
      #"{"_id": "\#(id)", "\#(key)": "\#(TinyModel.text(words: 5, seed: seed))"}"# + "\n"
    }
    try write(
      "corpus.jsonl", line("a1", 1) + line("a2", 2) + line("b1", 3) + line("b2", 4) + line("x", 5))
    try write(
      "queries.jsonl",
      #"{"_id": "a1", "text": "\#(TinyModel.text(words: 5, seed: 1))"}"# + "\n"
        + #"{"_id": "b1", "text": "\#(TinyModel.text(words: 5, seed: 3))"}"# + "\n")
    try write("qrels/train.tsv", "a1\ta2\t1\nb1\tb2\t1\n")
    try write(
      "first.run",
      "a1 Q0 a1 1 9 s\na1 Q0 a2 2 8 s\na1 Q0 b1 3 7 s\nb1 Q0 b2 1 9 s\nb1 Q0 x 2 8 s\n")
    return folder
  }

  private func read(
    _ folder: URL, depth: Int = 50, ignores: Bool
  ) throws -> (queries: [JudgedQuery], ids: [String], notes: [String]) {
    var library = TextLibrary(ReceivedTexts())
    var source = TrainingSource(
      collection: folder.path, split: "train",
      candidates: folder.appending(path: "first.run").path, depth: depth)
    source.ignoresIdenticalIDs = ignores
    var notes: [String] = []
    let queries = try library.queries(of: source) { notes.append($0) }
    return (queries, library.documentIDs, notes)
  }

  @Test func ownCopiesAreNoted() throws {
    let found = try read(folder(), ignores: false)
    #expect(found.queries[0].candidates.map { found.ids[$0.document] } == ["a1", "a2", "b1"])
    #expect(found.queries.map(\.identical) == [nil, nil])
    #expect(found.notes.count == 1)
    #expect(found.notes.first?.contains("1 of 2 queries are among their own candidates") == true)
    #expect(found.notes.first?.contains("'ignore_identical_ids: true' excludes it") == true)
  }

  /// As many others as the depth says are left; b1's copy, which only another query has found, is
  /// known, so that it is not drawn as a random document.
  @Test func ownCopiesAreLeftOut() throws {
    let found = try read(folder(), depth: 2, ignores: true)
    #expect(found.queries[0].candidates.map { found.ids[$0.document] } == ["a2", "b1"])
    #expect(found.queries[0].identical == nil, "no list of any query has it")
    #expect(found.queries[1].identical.map { found.ids[$0] } == "b1")
    #expect(found.notes.isEmpty)
  }

  /// A folder that is read in two encodings has the texts of each.
  @Test func encodingsAreToldApart() throws {
    let path = try folder().path
    let texts = ReceivedTexts()
    var library = TextLibrary(texts)
    let first = try library.collection(path, CollectionForm())
    let second = try library.collection(
      path, CollectionForm(encoding: TextEncoding(named: "windows-1252")))
    let numbers = try [first, second, first, second].map { try library.document("a1", of: $0) }
    #expect(numbers == [0, 1, 0, 1])
    #expect(texts.documents.count == 2 && texts.queries.isEmpty, "each text is handed on once")
  }

  @Test func listsLoseThem() throws {
    let folder = try folder()
    let file = folder.appending(path: "lists.jsonl")
    let text =
      #"{"query": "a", "query_id": "a1", "documents": [{"id": "a1", "text": " A", "label": 0}, "#
      + #"{"id": "a2", "title": "c", "text": "d", "label": 1}]}"# + "\n"
      + #"{"query": "a", "query_id": "x", "documents": [{"id": "x", "text": "b", "label": 0}]}"#
    try Data(text.utf8).write(to: file)
    func lists(
      ignores: Bool
    ) throws -> (sizes: [Int], documents: Int, copies: Int, emptied: Int) {
      var library = TextLibrary(ReceivedTexts())
      var source = ListSource(file: file.path)
      source.ignoresIdenticalIDs = ignores
      let read = try LabelledLists(reading: source, teacher: nil, into: &library)
      return (
        read.lists.map(\.items.count), library.documentIDs.count, read.ownCopies, read.emptied
      )
    }
    #expect(try lists(ignores: false) == (sizes: [2, 1], documents: 3, copies: 1, emptied: 0))
    #expect(try lists(ignores: true) == (sizes: [1], documents: 1, copies: 0, emptied: 1))
    try Data(String(text.split(separator: "\n")[1]).utf8).write(to: file)
    let failure = #expect(throws: Failure.self) { try lists(ignores: true) }
    #expect(
      failure?.problem
        == "every list is empty once the document with the query's own id is left out")
  }

  /// The library's own count of texts is that of all its sources.
  @Test func emptyTextsAreCounted() throws {
    let folder = try folder(key: "contents")
    var library = TextLibrary(ReceivedTexts())
    _ = try library.queries(
      of: TrainingSource(collection: folder.path, split: "train", candidates: nil)
    ) { _ in }
    let failure = #expect(throws: Failure.self) { try library.emptyTexts.requireTexts() }
    #expect(
      failure?.problem
        == "all 2 documents that were read are empty: no record has 'text'; the records have: _id, "
        + "contents")
  }
}
