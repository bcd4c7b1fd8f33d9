import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// The characters of a collection: line ends, encodings, and what no text can hold.
@Suite struct CollectionCharacterTests {
  @Test func windowsLineEndsMarksAndBlankLinesAreNothing() throws {
    let corpus = Fixture.corpus.replacing("\n", with: "\r\n\r\n")
    let collection = try Fixture.collection(
      corpus: "\u{FEFF}" + corpus + "  \r\n", queries: "\u{FEFF}" + Fixture.queries,
      qrels: "\u{FEFF}" + Fixture.qrels.replacing("\n", with: "\r\n"))
    #expect(collection.documentCount == 3)
    #expect(try collection.document(id: "d1").text == "first")
    #expect(try collection.document(id: "d3").text == "")
    #expect(try collection.query(id: "q1").text == "which?")
    #expect(try collection.judgments(split: "test").grade(of: "d1", for: "q1") == 2)
  }

  @Test func whatIsNotUTF8IsReplacedAndCounted() throws {
    let folder = try Fixture.folder()
    var corpus = Array(Fixture.corpus.utf8)
    corpus.replace("first".utf8, with: [0x66, 0xFF, 0x74])
    corpus.replace("d2".utf8, with: [0x64, 0xC0])
    try Data(corpus).write(to: folder.appending(path: "corpus.jsonl"))
    let collection = try Collection(opening: folder.path)
    #expect(collection.textFaults.map(\.notUTF8) == [.init(count: 2, firstLine: 1)])
    #expect(try collection.document(id: "d1").text == "f\u{FFFD}t")
    #expect(try collection.document(id: "d\u{FFFD}").text == "second")
  }

  /// The same collection in UTF-8, and in windows-1252 with its name.
  @Test func encodingsAreDecoded() throws {
    let corpus = "{\"_id\": \"ä\", \"title\": \"Öl\", \"text\": \"Müller €\"}\n"
    let qrels = "q1\tä\t1\n"
    // The queries stay in UTF-8, as happens.
    let queries = "{\"_id\": \"q1\", \"text\": \"für\"}\n"
    let plain = try Fixture.folder(corpus: corpus, queries: queries, qrels: qrels)
    let folder = try Fixture.folder(corpus: corpus, queries: queries, qrels: qrels)
    for name in ["corpus.jsonl", "qrels/test.tsv"] {
      try shell("iconv -f UTF-8 -t CP1252 \(name) > x && mv x \(name)", in: folder)
    }
    let encoding = try TextEncoding(named: "windows-1252")
    let decoded = try Collection(opening: folder.path, encoding: encoding)
    let expected = try Collection(opening: plain.path)
    #expect(try decoded.document(id: "ä") == expected.document(id: "ä"))
    #expect(try decoded.judgments(split: "test").grade(of: "ä", for: "q1") == 1)
    #expect(try decoded.query(id: "q1").text == "für")
    #expect(
      decoded.textFaults.flatMap(\.warnings) == [
        "\(folder.at("queries.jsonl")) is well-formed UTF-8 and was read as UTF-8, not as windows-1252"
      ])
    #expect(try decoded.judgments(split: "test").textFaults.isEmpty)

    let undecoded = try Collection(opening: folder.path)
    #expect(undecoded.textFaults.map(\.notUTF8) == [.init(count: 1, firstLine: 1)])
    #expect(
      undecoded.textFaults.first?.warnings.first?.contains("--encoding windows-1252") == true)
    let judgments = try undecoded.judgments(split: "test")
    #expect(judgments.textFaults.notUTF8 == .init(count: 1, firstLine: 1))
    // An archive is read in the same way, and so is UTF-16 by its mark.
    try shell("zip -q -r a.zip .", in: folder)
    let packed = try Collection(opening: folder.at("a.zip"), encoding: encoding)
    #expect(try packed.document(id: "ä").text == "Müller €")
    try shell("iconv -f UTF-8 -t UTF-16 corpus.jsonl > x && mv x corpus.jsonl", in: plain)
    let wide = try Collection(opening: plain.path)
    #expect(try wide.document(id: "ä").text == "Müller €")
    #expect(wide.textFaults.isEmpty)
  }

  @Test func halvesOfSurrogatePairsAreReplacedAndCounted() throws {
    let collection = try Fixture.collection(
      corpus: """
        {"_id": "d1", "text": "whole \\ud83d\\ude00"}

        {"_id": "d2", "title": "\\udc00", "text": "fox \\ud83d end"}
        {"_id": "d\\ud83d", "text": "x"}

        """, queries: "{\"_id\": \"q1\", \"text\": \"\\ud83d?\"}\n")
    #expect(try collection.document(id: "d1").text == "whole 😀")
    #expect(
      try collection.document(id: "d2")
        == Document(id: "d2", title: "\u{FFFD}", text: "fox \u{FFFD} end"))
    #expect(try collection.document(id: "d\u{FFFD}").text == "x")
    #expect(try collection.query(id: "q1").text == "\u{FFFD}?")
    #expect(
      collection.textFaults.map(\.loneSurrogates)
        == [.init(count: 3, firstLine: 3), .init(count: 1, firstLine: 1)])
  }

  /// The failure is about the record, not about the surrogate that is read as U+FFFD.
  @Test func whatElseIsWrongWithARecordIsToldAllTheSame() throws {
    let folder = try Fixture.folder(
      corpus: #"{"_id": "d1", "title": 3, "text": "fox \ud83d"}"# + "\n"
        + #"{"_id": "d2", "text": 1e999}"# + "\n")
    let collection = try Collection(opening: folder.path)
    let number = #expect(throws: Failure.self) { try collection.document(id: "d1") }
    #expect(number?.problem == "the value of 'title' is the number 3, not a string")
    let large = #expect(throws: Failure.self) { try collection.document(id: "d2") }
    #expect(large?.problem == "the value of 'text' is a number that is too large, not a string")
  }
}
