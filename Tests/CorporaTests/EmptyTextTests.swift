import Corpora
import Diagnostics
import Foundation
import Testing

@Suite struct EmptyTextTests {
  private func reading(
    _ corpus: String, queries: String? = nil, _ ids: [Int]
  ) throws -> (collection: Corpora.Collection, path: String) {
    let folder = try Fixture.folder(corpus: corpus, queries: queries)
    let collection = try Collection(opening: folder.at(""))
    for id in ids { _ = try collection.document(at: id) }
    return (collection, folder.at("corpus.jsonl"))
  }

  private let elsewhere = """

    {"_id": "d1", "contents": "Alpha", "url": "http://example.org/a"}
    {"_id": "d2", "contents": "beta and some more words", "url": "u"}
    {"_id": "d3", "contents": "gamma"}

    """

  @Test func textsUnderAnotherKeyAreAnErrorThatNamesTheKeys() throws {
    let (collection, path) = try reading(elsewhere, [0, 1, 2])
    #expect(
      throws: Failure(
        .badData,
        "all 3 documents that were read are empty: no record has 'text'; the records have: _id, "
          + "contents, url", at: Place(path, line: 2), expected: "a non-empty text in most records",
        remedy: "rename the key 'contents' to 'text'")
    ) { try collection.emptyTexts.requireTexts() }
  }

  @Test func keysAreNamedBesideHalfASurrogatePair() throws {
    let corpus = #"{"_id": "a", "contents": "x \ud83d"}"# + "\n"
    let (collection, _) = try reading(corpus, [0])
    #expect(collection.emptyTexts.first?.keys == ["_id", "contents"])
    #expect(collection.emptyTexts.first?.likelyKey == "contents")
  }

  @Test func nothingIsSaidOfWhatWasNotRead() throws {
    #expect(try reading(elsewhere, []).collection.emptyTexts.isEmpty)
    let (collection, _) = try reading(Fixture.corpus, [0, 1])
    #expect(collection.emptyTexts.isEmpty)
  }

  /// Half is not more than half; a document counts once, however often and through whatever copy of
  /// the collection it is read.
  @Test func halfIsAWarning() throws {
    let corpus = """
      {"_id": "a", "text": "words"}
      {"_id": "b", "text": " \\t\\u00a0"}
      {"_id": "c", "title": "a title alone", "text": ""}
      {"_id": "d", "title": "", "text": null}

      """
    let (collection, path) = try reading(corpus, [0, 1, 2, 3, 3, 3, 3])
    let copy = collection
    _ = try copy.document(id: "d")
    let empty = collection.emptyTexts
    try #require(empty.count == 1)
    #expect(empty[0].read == 4 && empty[0].empty == 2 && !empty[0].isMost)
    #expect(
      empty[0].warning
        == "2 of 4 documents that were read are empty in \(path), the first on line 2")
    try empty.requireTexts()
  }

  @Test func moreThanHalfIsAnError() throws {
    let corpus = #"{"_id":"a","text":"b"}"# + "\n" + #"{"_id":"b"}"# + "\n" + #"{"_id":"c"}"#
    let (collection, path) = try reading(corpus, [0, 1, 2])
    let failure = try #require(collection.emptyTexts.first?.failure)
    #expect(
      failure.problem
        == "2 of 3 documents that were read are empty: these records have no 'text'; they have: _id"
    )
    #expect(failure.place == Place(path, line: 2))
    #expect(throws: failure) { try collection.emptyTexts.requireTexts() }
  }

  @Test func queriesCountApart() throws {
    let queries = #"{"_id": "q1", "query": "what?"}"# + "\n"
    let folder = try Fixture.folder(queries: queries)
    let collection = try Collection(opening: folder.at(""))
    _ = try collection.document(at: 0)
    _ = try collection.query(id: "q1")
    let empty = collection.emptyTexts
    try #require(empty.count == 1)
    #expect(empty[0].noun == "queries" && empty[0].isMost && empty[0].keys == ["_id", "query"])
    #expect(empty[0].file == folder.at("queries.jsonl") && empty[0].likelyKey == "query")
  }

  /// Readers on several threads, each document read by all of them.
  @Test func countsAreExactOnSeveralThreads() async throws {
    let corpus = (0..<500).map {
      #"{"_id": "\#($0)", "text": "\#($0 % 5 == 2 ? "" : "x")"}"# + "\n"
    }.joined()
    let collection = try Fixture.collection(corpus: corpus)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for start in 0..<4 {
        group.addTask {
          for index in 0..<500 { _ = try collection.document(at: (index + start * 125) % 500) }
        }
      }
      try await group.waitForAll()
    }
    let empty = try #require(collection.emptyTexts.first)
    #expect(empty.read == 500 && empty.empty == 100 && empty.firstLine == 3)
  }

  @Test func textsOfAFileAreCountedLineByLine() {
    var count = TextCount("texts", of: "x")
    #expect(count.emptyTexts == nil)
    count.add("a", line: 1)
    count.add("", line: 4)
    count.add("\u{2003}\n", line: 6)
    let empty = count.emptyTexts
    #expect(empty?.read == 3 && empty?.empty == 2 && empty?.firstLine == 4)
    #expect(
      empty?.failure.problem
        == "2 of 3 texts that were read are empty: their texts are empty or white space")
  }
}
