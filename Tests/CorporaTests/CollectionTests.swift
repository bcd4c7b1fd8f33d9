import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct CollectionTests {
  @Test func readsDocumentsQueriesAndSplits() throws {
    let collection = try Fixture.collection()
    #expect(collection.documentCount == 3)
    #expect(collection.queryCount == 2)
    #expect(try collection.document(id: "d1") == Document(id: "d1", title: "One", text: "first"))
    #expect(try collection.document(id: "d1").content == "One first")
    #expect(try collection.document(id: "d2").content == "second")
    #expect(try collection.document(id: "d3").content == "")
    #expect(try collection.query(id: "q2") == Query(id: "q2", text: "what?"))
    #expect(collection.documentID(at: 2) == "d3")
    #expect(collection.documentIndex(of: "d4") == nil)
    #expect(collection.queryID(at: 0) == "q1")
    #expect(collection.splits == ["test"])
    #expect(collection.layout == "BEIR")
    #expect(try collection.judgments(split: "test").grades(of: "q1") == ["d1": 2, "d2": 0])
    var ids: [String] = []
    try collection.forEachDocument { document throws(Failure) in ids.append(document.id) }
    #expect(ids == ["d1", "d2", "d3"])
  }

  @Test(arguments: [
    "zip -q -r ../b.bin corpus.jsonl queries.jsonl qrels",
    "tar czf ../b.bin .", "gzip -r . && tar cf ../b.bin .",
    "mkdir -p scifact && mv corpus.jsonl queries.jsonl qrels scifact && tar cJf ../b.bin scifact",
  ])
  func opensArchivesAlike(command: String) throws {
    let outer = try Material.temporaryFolder()
    try FileManager.default.moveItem(at: Fixture.folder(), to: outer.appending(path: "c"))
    try shell("cd c && \(command)", in: outer)
    let collection = try Collection(opening: outer.at("b.bin"))
    #expect(collection.documentCount == 3)
    #expect(try collection.query(id: "q1").text == "which?")
    #expect(try collection.judgments(split: "test").count == 2)
  }

  @Test func opensCompressedFilesInAFolder() throws {
    let folder = try Fixture.folder()
    try shell("gzip corpus.jsonl qrels/test.tsv", in: folder)
    let collection = try Collection(opening: folder.path)
    #expect(try collection.document(id: "d2").text == "second")
    #expect(collection.splits == ["test"])
    #expect(try collection.judgments(split: "test").count == 2)
  }

  @Test(arguments: [
    (#"{"text":"t","metadata":{"_id":"no","a":["_id",{"_id":1}]},"_id":"d1"}"#, "d1"),
    (#"  { "title" : "a\"_id\":\"x\\" , "_id" : "d1" , "text":"t" }  "#, "d1"),
    (#"{"\u005fid": "d1", "text": "t"}"#, "d1"),
    (#"{"_id": "d\u00e9\"\\", "text": "t"}"#, "dé\"\\"),
    (#"{"_id": 12, "text": "t"}"#, "12"), (#"{"text": "t","_id":-7}"#, "-7"),
    (#"{"_id": 1234567890123456789012, "text": "t"}"#, "1234567890123456789012"),
    (#"{"n": -1.5e3, "b": [true, null, "}"], "_id": "d1", "text": "t"}"#, "d1"),
    (#"{"_idx": "no", "x_id": "no", "_id": "d1", "text": "t"}"#, "d1"),
    (#"{"_id": "é日本", "text": "t"}"#, "é日本"),
  ])
  func findsTheIdWhereverItIs(line: String, id: String) throws {
    let collection = try Fixture.collection(corpus: line)
    #expect(collection.documentID(at: 0) == id)
    #expect(try collection.document(id: id).text == "t")
  }

  @Test func missingAndNullTextIsEmptyAndMetadataIsIgnored() throws {
    let collection = try Fixture.collection(
      corpus: """
        {"_id": "a"}
        {"_id": "b", "title": null, "text": null, "metadata": {"text": 3}}
        {"_id": "c", "text": " \\n LOUD TEXT\\t", "title": "  "}
        """)
    #expect(try collection.document(id: "a").content == "")
    #expect(try collection.document(id: "b").content == "")
    #expect(try collection.document(id: "c").content == "LOUD TEXT")
  }

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
        "\(folder.at("queries.jsonl")) is well-formed UTF-8 and was read as that, not as windows-1252"
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

  @Test func anArchiveWithSeveralCollectionsHasToBeToldWhich() throws {
    let folder = try Fixture.folder()
    try shell(
      "mkdir -p t/a t/b/c; cp -r corpus.jsonl queries.jsonl qrels t/a; cp -r t/a/* t/b/c;"
        + " gzip t/b/c/corpus.jsonl; cd t; zip -q -r ../t.zip .", in: folder)
    let path = folder.at("t.zip")
    let failure = #expect(throws: Failure.self) { try Collection(opening: path) }
    #expect(
      failure
        == Failure(
          .badData, "the archive holds 2 collections: '\(path)/a', '\(path)/b/c'", at: Place(path),
          expected: "one collection", remedy: "name the one that is meant, such as \(path)/a"))
    for inner in ["a", "b", "b/c"] {
      #expect(try Collection(opening: "\(path)/\(inner)").documentCount == 3)
    }
    // On disk, the folder itself has to be named, even of one.
    let onDisk = #expect(throws: Failure.self) { try Collection(opening: folder.at("t")) }
    #expect(onDisk?.kind == .missingInput)
    #expect(onDisk?.remedy?.hasPrefix("there are 2 below, such as '") == true)
    // A collection within another is a part of it.
    try shell("cd t/a; mkdir old; cp corpus.jsonl old; cd ..; tar cf ../a.tar a", in: folder)
    #expect(try Collection(opening: folder.at("a.tar")).folder.path == folder.at("a.tar/a"))
  }

  @Test func whatMacOSLeavesIsNoSplit() throws {
    let folder = try Fixture.folder()
    try folder.put("qrels/._test.tsv", "\u{0}\u{5}\u{16}\u{7}")
    try folder.put("._corpus.jsonl", "\u{0}\u{5}\u{16}\u{7}")
    try shell("tar czf ../\(folder.lastPathComponent).tgz .", in: folder)
    for path in [folder.path, folder.path + ".tgz"] {
      let collection = try Collection(opening: path)
      #expect(collection.splits == ["test"])
      #expect(try collection.judgments(split: "test").count == 2)
    }
    try FileManager.default.removeItem(atPath: folder.path + ".tgz")
  }

  @Test func manyIdsAreFoundAgain() throws {
    let corpus = (0..<5000).map { #"{"_id": "doc\#($0 * 7)", "text": "\#($0)"}"# }
    let collection = try Fixture.collection(corpus: corpus.joined(separator: "\n"))
    #expect(collection.documentCount == 5000)
    for index in 0..<5000 {
      #expect(collection.documentIndex(of: "doc\(index * 7)") == index)
      #expect(collection.documentID(at: index) == "doc\(index * 7)")
    }
    #expect(collection.documentIndex(of: "doc1") == nil)
    #expect(try collection.document(at: 4999).text == "4999")
  }
}

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
        #"the value of "_id" is neither a string of characters nor a whole number"#,
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
      // What follows is the parser's own wording.
      guard let failure = $0 as? Failure else { return false }
      return failure.kind == .badData
        && failure.problem.hasPrefix("the line is not JSON: invalid value")
        && failure.place == Place(folder.at("corpus.jsonl"), line: 3)
    }
    #expect(
      throws: Failure(
        .badData, "the value of 'text' is the number 5, not a string",
        at: Place(folder.at("corpus.jsonl"), line: 4, key: "text"),
        expected: #"a JSON object with "_id", "text" and perhaps "title""#)
    ) { try collection.document(id: "c") }
    #expect(
      throws: Failure(
        .badData, "there is no document 'z'", at: Place(folder.at("corpus.jsonl")))
    ) { try collection.document(id: "z") }
    #expect(
      throws: Failure(.badData, "there is no query 'z'", at: Place(folder.at("queries.jsonl")))
    ) { try collection.query(id: "z") }
  }

  @Test func idsThatAreThereTwiceAreNamedWithBothLines() throws {
    try expect(
      corpus: "{\"_id\": \"x\"}\n\n{\"_id\": \"12\"}\n{\"_id\": 12}\n", line: 4, key: "_id",
      "the id '12' is there twice, on lines 3 and 4", expected: "an id only once",
      remedy: "remove one of the two lines")
    let folder = try Fixture.folder(queries: Fixture.queries + Fixture.queries)
    #expect(
      throws: Failure(
        .badData, "the id 'q1' is there twice, on lines 1 and 3",
        at: Place(folder.at("queries.jsonl"), line: 3, key: "_id"), expected: "an id only once",
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
    let layouts = "BEIR: corpus.jsonl, queries.jsonl and qrels/<split>.tsv"
    #expect(
      throws: Failure(
        .missingInput, "there is no collection in this folder", at: Place(outer.path),
        expected: layouts)
    ) { try Collection(opening: outer.path) }
    try FileManager.default.moveItem(at: Fixture.folder(), to: outer.appending(path: "inner"))
    #expect(
      throws: Failure(
        .missingInput, "there is no collection in this folder", at: Place(outer.path),
        expected: layouts,
        remedy: "there is one in '\(outer.path)/inner': name that folder")
    ) { try Collection(opening: outer.path) }
    try shell("echo x > x; tar cf x.tar x", in: outer)
    #expect(
      throws: Failure(
        .missingInput, "there is no collection in this archive", at: Place(outer.at("x.tar")),
        expected: layouts)
    ) { try Collection(opening: outer.at("x.tar")) }
    #expect {
      try Collection(opening: outer.at("nowhere"))
    } throws: { ($0 as? Failure)?.kind == .missingInput }
  }
}
