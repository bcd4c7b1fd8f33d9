import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct CollectionFailureTests {
  private func expect(
    corpus: String, line: Int, column: Int? = nil, key: String? = nil, _ problem: String,
    expected: String = #"a JSON object with the key "_id" on every line"#, remedy: String? = nil
  ) throws {
    let folder = try Fixture.folder(corpus: corpus)
    let place = Place(folder.at("corpus.jsonl"), line: line, column: column, key: key)
    #expect(
      throws: Failure(.badData, problem, at: place, expected: expected, remedy: remedy)
    ) { try Collection(opening: folder.at("")) }
  }

  @Test func malformedLinesAreNamedAtOpening() throws {
    let good = #"{"_id": "a"}"# + "\n\n"
    try expect(
      corpus: good + "d1\tsome text\n", line: 3, column: 1,
      "the line is not a JSON object: 'd' where '{' should be")
    try expect(
      corpus: good + #"é{"_id": "b"}"#, line: 3, column: 1,
      "the line is not a JSON object: byte 195 where '{' should be")
    try expect(
      corpus: good + #"{"text": "b"}"#, line: 3, #"the JSON object has no key "_id""#)
    try expect(corpus: good + "{ }", line: 3, #"the JSON object has no key "_id""#)
    try expect(
      corpus: good + #"{"_id": "b", "text": "cut "#, line: 3, column: 25,
      "the line ends before its JSON object does")
    try expect(
      corpus: good + #"{"text": "cut }"#, line: 3, column: 10, "a string does not end on its line")
    try expect(
      corpus: good + #"{"text": [1, 2 }"#, line: 3, column: 16,
      "the line ends before its JSON object does")
    try expect(
      corpus: good + #"{"é" "_id": "b"}"#, line: 3, column: 6,
      "the line is not a JSON object: '\"' where ':' should be")
    for value in ["\"\"", "null", "1.5", "1e3", "[\"a\"]", "-"] {
      try expect(
        corpus: good + #"{"_id": \#(value)}"#, line: 3, column: 9,
        #"the value of "_id" is neither a string nor an integer"#,
        expected: #"an id such as "d12" or 12"#)
    }
  }

  @Test func malformedLinesAreNamedAtFirstReading() throws {
    let folder = try Fixture.folder(
      corpus: """
        {"_id": "a", "text": "fine"}

        {"_id": "b", "text": oops}
        {"_id": "c", "text": 5}
        """)
    let collection = try Collection(opening: folder.at(""))
    #expect(try collection.document(id: "a").text == "fine")
    #expect {
      try collection.document(id: "b")
    } throws: {
      guard let failure = $0 as? Failure else { return false }
      return failure.kind == .badData
        && failure.problem == "the line is not JSON: a value is expected here"
        && failure.place == Place(folder.at("corpus.jsonl"), line: 3, column: 22)
    }
    #expect(
      throws: Failure(
        .badData, "the value of 'text' is the number 5, not a string",
        at: Place(folder.at("corpus.jsonl"), line: 4, key: "text"),
        expected: #"a JSON object with "_id", "text" and optionally "title""#)
    ) { try collection.document(id: "c") }
    #expect(
      throws: Failure(
        .badData, "the corpus has no document 'z'", at: Place(folder.at("corpus.jsonl")))
    ) { try collection.document(id: "z") }
    #expect(
      throws: Failure(
        .badData, "the collection has no query 'z'", at: Place(folder.at("queries.jsonl")))
    ) { try collection.query(id: "z") }
  }

  @Test func idsThatAreThereTwiceAreNamedWithBothLines() throws {
    try expect(
      corpus: "{\"_id\": \"x\"}\n\n{\"_id\": \"12\"}\n{\"_id\": 12}\n", line: 4, key: "_id",
      "the id '12' occurs twice, on lines 3 and 4", expected: "each id once",
      remedy: "remove one of the two lines")
    let folder = try Fixture.folder(queries: Fixture.queries + Fixture.queries)
    #expect(
      throws: Failure(
        .badData, "the id 'q1' occurs twice, on lines 1 and 3",
        at: Place(folder.at("queries.jsonl"), line: 3, key: "_id"), expected: "each id once",
        remedy: "remove one of the two lines")
    ) { try Collection(opening: folder.at("")) }
  }

  @Test(arguments: ["", "\n\r\n"]) func anEmptyCorpusIsSaidToBeEmpty(corpus: String) throws {
    let folder = try Fixture.folder(corpus: corpus)
    #expect(
      throws: Failure(
        .badData, "the corpus holds no documents", at: Place(folder.at("corpus.jsonl")),
        expected: #"a JSON object with the key "_id" on every line"#)
    ) { try Collection(opening: folder.at("")) }
  }

  @Test func splitsThatAreNotThereNameThoseThatAre() throws {
    let folder = try Fixture.folder()
    try folder.put("qrels/train.tsv", Fixture.qrels)
    let collection = try Collection(opening: folder.path)
    #expect(
      throws: Failure(
        .missingInput, "the collection has no split 'trian'", at: Place(folder.path),
        expected: "one of 'test', 'train'", remedy: "write 'train'")
    ) { try collection.judgments(split: "trian") }
    let bare = try Fixture.folder(queries: nil, qrels: nil)
    #expect(
      throws: Failure(
        .missingInput, "the collection has no split 'test'", at: Place(bare.path),
        expected: "a file of judgments for it")
    ) { try Collection(opening: bare.path).judgments(split: "test") }
  }

  @Test func foldersWithoutACollectionSaySo() throws {
    let outer = try Material.temporaryFolder()
    let layouts =
      "BEIR: corpus.jsonl, queries.jsonl and qrels/<split>.tsv; or MS MARCO: collection.tsv "
      + "(or msmarco-docs.tsv), queries.<split>.tsv and qrels.<split>.tsv; or TREC: files of "
      + "<DOC> or of JSON Lines with id and contents, topics and qrels; or tables: CSV, TSV or "
      + "JSON Lines with columns for query, document and label"
    #expect(
      throws: Failure(
        .missingInput, "this folder contains no collection", at: Place(outer.path),
        expected: layouts)
    ) { try Collection(opening: outer.path) }
    try FileManager.default.moveItem(at: Fixture.folder(), to: outer.appending(path: "inner"))
    #expect(
      throws: Failure(
        .missingInput, "this folder contains no collection", at: Place(outer.path),
        expected: layouts,
        remedy: "name the collection '\(outer.path)/inner'")
    ) { try Collection(opening: outer.path) }
    try shell("echo x > x; tar cf x.tar x", in: outer)
    #expect(
      throws: Failure(
        .missingInput, "this archive contains no collection", at: Place(outer.at("x.tar")),
        expected: layouts)
    ) { try Collection(opening: outer.at("x.tar")) }
    #expect {
      try Collection(opening: outer.at("nowhere"))
    } throws: { ($0 as? Failure)?.kind == .missingInput }
  }
}
