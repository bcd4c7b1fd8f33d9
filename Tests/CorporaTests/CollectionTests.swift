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
          expected: "one collection", remedy: "name one collection, such as \(path)/a"))
    for inner in ["a", "b", "b/c"] {
      #expect(try Collection(opening: "\(path)/\(inner)").documentCount == 3)
    }
    // On disk, the folder itself has to be named, even of one.
    let onDisk = #expect(throws: Failure.self) { try Collection(opening: folder.at("t")) }
    #expect(onDisk?.kind == .missingInput)
    #expect(onDisk?.remedy?.hasPrefix("name one of its 2 collections, such as '") == true)
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
