import Corpora
import Diagnostics
import Foundation
import Retrieval
import TestSupport
import Testing

#if BM25
  @Suite struct BM25BuildTests {
    private let texts = ["a red fox", "the red hill", "foxes and hills", "a tree"]

    @Test func keepsItsOptionsAndWords() throws {
      let corpus = try Corpus(texts: texts)
      var options = BM25Options()
      (options.k1, options.b, options.stemmer) = (1.7, 0.25, "porter")
      (options.titleWeight, options.textWeight) = (4, 2)
      let file = corpus.folder.appending(path: "words")
      try Data("red\nfox\n".utf8).write(to: file)
      options.stopWords = try StopWords(corpus.path("words"))
      let built = try BM25Index.build(of: corpus.collection, options, at: corpus.path("index"))
      try FileManager.default.removeItem(at: file)
      let index = try BM25Index(opening: corpus.path("index"))
      #expect(index.options == options && index.manifest == built)
      #expect(built.kind == "bm25" && built.documents == 4 && index.name == "bm25")
      #expect(built.options["stemmer"] == "porter" && built.options["k1"] == "1.7")
      #expect(try index.search("red", depth: 3).isEmpty)
      #expect(try index.search("hills", depth: 3).map(\.document) == ["d2", "d3"])
      #expect((0..<4).map(index.documentID) == ["d1", "d2", "d3", "d4"])
      #expect(try corpus.others == ["index"])
      let inside = try FileManager.default.contentsOfDirectory(atPath: corpus.path("index"))
      #expect(inside.sorted() == ["ids.txt", "index.json", "postings.glass", "stop-words.txt"])
    }

    /// Nothing is left of an index of documents most of which are empty.
    @Test func emptyDocuments() throws {
      let corpus = try Corpus(texts: ["a", "", " ", "b"])
      let built = try BM25Index.build(of: corpus.collection, at: corpus.path("index"))
      #expect(built.documents == 4, "half of them is not most of them")
      try corpus.write(
        ["a", "", " ", "b", "\t"].enumerated().map { Document(id: "d\($0)", text: $1) })
      let failure = #expect(throws: Failure.self) {
        try BM25Index.build(of: corpus.collection, at: corpus.path("other"))
      }
      #expect(failure?.problem.hasPrefix("3 of 5 documents that were read are empty") == true)
      #expect(failure?.place == Place(corpus.path("corpus.jsonl"), line: 2))
      #expect(try corpus.others == ["index"])
    }

    /// A bit that changed in any of the files is noticed.
    @Test(arguments: ["postings.glass", "stop-words.txt", "ids.txt"])
    func damage(name: String) throws {
      let corpus = try Corpus(texts: texts)
      _ = try corpus.index()
      let file = corpus.folder.appending(path: "index/" + name)
      let whole = try Data(contentsOf: file)
      for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 7)) {
        var flipped = whole
        flipped[place] ^= 0x10
        try flipped.write(to: file)
        let failure = #expect(throws: Failure.self) {
          try BM25Index(opening: corpus.path("index"))
        }
        #expect(failure?.kind == .badData, "\(name), byte \(place)")
      }
      try whole.write(to: file)
      #expect(try BM25Index(opening: corpus.path("index")).manifest.documents == 4)
    }

    @Test(arguments: ["9223372036854775807", "1000000000000", "-1"])
    func manifestsThatSayTooMuch(count: String) throws {
      let corpus = try Corpus(texts: texts)
      _ = try corpus.index()
      let file = corpus.folder.appending(path: "index/index.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing("\"documents\" : 4", with: "\"documents\" : \(count)").utf8)
        .write(to: file)
      let failure = #expect(throws: Failure.self) { try BM25Index(opening: corpus.path("index")) }
      #expect(failure?.kind == .badData)
    }

    /// 40,000 documents are more than one part.
    @Test func addingIsBuildingFromScratch() throws {
      let texts = zipfianTexts(40_000, words: 2000, lengths: 2...9, seed: 5)
      let all = texts.enumerated().map { Document(id: "d\($0)", title: "w\($0 % 90)", text: $1) }
      let corpus = try Corpus(all)
      let whole = try corpus.index(.plain)
      let grown = try Corpus(Array(all.prefix(3)))
      try BM25Index.build(of: grown.collection, .plain, at: grown.path("index"))
      for count in [20_000, 20_000, 20_001, 40_000] {
        try grown.write(Array(all.prefix(count)))
        let manifest = try BM25Index.add(from: grown.collection, to: grown.path("index"))
        #expect(manifest.documents == count)
      }
      let added = try BM25Index(opening: grown.path("index"))
      #expect(added.manifest.checksum == whole.manifest.checksum)
      #expect(added.manifest.documents == 40_000 && added.options == whole.options)
      let queries = zipfianTexts(200, words: 2000, lengths: 1...5, seed: 6).map {
        Query(id: "", text: $0)
      }
      #expect(try added.search(queries, depth: 50) == whole.search(queries, depth: 50))
      try added.verify(against: grown.collection)
      #expect(try grown.others == ["index"])
    }

    @Test func addingRefusesAnotherCorpus() throws {
      let corpus = try Corpus(texts: texts)
      let before = try corpus.index()
      for others in [
        ["a red fox", "the blue hill", "foxes and hills", "a tree", "new"], ["a red fox"],
      ] {
        try corpus.write(others.enumerated().map { Document(id: "d\($0 + 1)", text: $1) })
        let failure = #expect(throws: Failure.self) {
          try BM25Index.add(from: corpus.collection, to: corpus.path("index"))
        }
        #expect(failure?.kind == .badData)
        #expect(failure?.problem.contains("first 4 documents") == true)
      }
      let after = try BM25Index(opening: corpus.path("index"))
      #expect(after.manifest == before.manifest)
      #expect(try after.search("hill", depth: 3) == before.search("hill", depth: 3))
      #expect(try corpus.others == ["index"])
    }

    /// What goes wrong in the middle leaves what was there.
    @Test func aMalformedDocumentLeavesTheOldIndex() throws {
      let corpus = try Corpus(texts: texts)
      let before = try corpus.index()
      let lines = ["\"x\"", "\"x\"", "7", "\"x\""].enumerated().map {
        "{\"_id\": \"d\($0)\", \"text\": \($1)}"
      }
      try Data(lines.joined(separator: "\n").utf8)
        .write(to: corpus.folder.appending(path: "corpus.jsonl"))
      let failure = #expect(throws: Failure.self) {
        try BM25Index.build(of: corpus.collection, at: corpus.path("index"), overwrite: true)
      }
      #expect(failure?.kind == .badData && failure?.place?.line == 3)
      #expect(try BM25Index(opening: corpus.path("index")).manifest == before.manifest)
      #expect(try corpus.others == ["index"])
      let refused = #expect(throws: Failure.self) {
        try BM25Index.build(of: corpus.collection, at: corpus.path("index"))
      }
      #expect(refused?.kind == .cannotCreate)
    }

    @Test func idsWithLineEndsAreRefused() throws {
      let corpus = try Corpus([Document(id: "a\nb", text: "x")])
      let failure = #expect(throws: Failure.self) {
        try BM25Index.build(of: corpus.collection, at: corpus.path("index"))
      }
      #expect(failure?.kind == .badData && failure?.problem.contains("\"a\\nb\"") == true)
      #expect(try corpus.others.isEmpty)
    }

    @Test func optionsThatMeanNothingAreRefused() throws {
      let corpus = try Corpus(texts: texts)
      func failure(_ change: (inout BM25Options) -> Void) -> Failure? {
        var options = BM25Options()
        change(&options)
        return #expect(throws: Failure.self) {
          try BM25Index.build(of: corpus.collection, options, at: corpus.path("index"))
        }
      }
      let stemmer = failure { $0.stemmer = "englsh" }
      #expect(stemmer?.kind == .usage && stemmer?.remedy == "write 'english'")
      #expect(stemmer?.expected?.contains("portuguese") == true)
      for wrong in [
        failure { $0.k1 = -1 }, failure { $0.k1 = .infinity }, failure { $0.b = 1.1 },
        failure { $0.b = .nan }, failure { $0.titleWeight = -1 }, failure { $0.textWeight = 101 },
        failure { ($0.titleWeight, $0.textWeight) = (0, 0) },
      ] {
        #expect(wrong?.kind == .usage)
      }
      #expect(try BM25Index.languages.contains("english"))
      #expect(try corpus.others.isEmpty)
    }
  }

  @Suite struct BM25DamageTests {
    private func corpus() throws -> Corpus {
      let corpus = try Corpus(texts: zipfianTexts(3000, words: 400, lengths: 5...20, seed: 2))
      _ = try corpus.index(.plain)
      return corpus
    }

    /// Opens the index and searches it, and says how that failed.
    private func outcome(_ corpus: Corpus) -> Failure? {
      do throws(Failure) {
        let index = try BM25Index(opening: corpus.path("index"))
        _ = try index.search(
          (1...400).map { Query(id: "", text: "w\($0) w\($0 / 2 + 1)") }, depth: 100)
        return nil
      } catch {
        return error
      }
    }

    @Test func missingFilesAreNamed() throws {
      for name in ["index.json", "ids.txt", "postings.glass", "stop-words.txt"] {
        let corpus = try corpus()
        try FileManager.default.removeItem(atPath: corpus.path("index/\(name)"))
        let failure = try #require(outcome(corpus), "\(name)")
        #expect([.missingInput, .badData].contains(failure.kind), "\(name): \(failure)")
      }
      let none = #expect(throws: Failure.self) { try BM25Index(opening: "/nowhere") }
      #expect(none?.kind == .missingInput)
    }

    @Test func filesCutShortAreNoticed() throws {
      for (name, counts) in [
        ("ids.txt", [0, 5, 500]), ("postings.glass", [0, 100, 10_000, 40_000]),
        ("index.json", [0, 20]),
      ] {
        for count in counts {
          let corpus = try corpus()
          let file = try #require(FileHandle(forUpdatingAtPath: corpus.path("index/\(name)")))
          try file.truncate(atOffset: UInt64(count))
          try file.close()
          let failure = try #require(outcome(corpus), "\(name) cut to \(count)")
          #expect(failure.kind == .badData, "\(name) cut to \(count): \(failure)")
          #expect(failure.remedy?.hasPrefix("rebuild the index") == true)
        }
      }
    }

    /// Changed bytes may go unnoticed, and never end the program.
    @Test func changedBytesNeverCrash() throws {
      let corpus = try corpus()
      let file = URL(filePath: corpus.path("index/postings.glass"))
      let whole = try Data(contentsOf: file)
      var numbers = Sequence64(state: 4)
      var noticed = 0
      for _ in 0..<60 {
        var bytes = whole
        for _ in 0..<8 {
          bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = .random(
            in: 0...255, using: &numbers)
        }
        try bytes.write(to: file)
        if let failure = outcome(corpus) {
          noticed += 1
          #expect([.badData, .io].contains(failure.kind), "\(failure)")
        }
      }
      #expect(noticed > 0)
    }

    @Test func descriptionsThatDoNotFitAreRefused() throws {
      let corpus = try corpus()
      let path = corpus.path("index/index.json")
      let text = try String(contentsOfFile: path, encoding: .utf8)
      for (old, new) in [
        ("3000", "2999"), ("\"bm25\"", "\"dense\""), ("\"0.9\"", "\"much\""),
        ("\"none\"", "\"klingon\""), ("\"format\" : 1", "\"format\" : 2"),
      ] {
        #expect(text.contains(old), "\(old)")
        try Data(text.replacing(old, with: new).utf8).write(to: URL(filePath: path))
        let failure = outcome(corpus)
        #expect(failure?.kind == .badData, "\(new): \(String(describing: failure))")
      }
    }

    @Test func anotherCorpusIsRefused() throws {
      let documents = ["a", "b", "c"].map { Document(id: $0, text: "text of \($0)") }
      let corpus = try Corpus(documents)
      let index = try corpus.index()
      try index.verify(against: corpus.collection)
      var renamed = documents
      renamed[1].id = "B"
      var rewritten = documents
      rewritten[2].text = "another text"
      for (others, word) in [
        (Array(documents.prefix(2)), "3 documents"),
        (documents + [Document(id: "d", text: "")], "3 documents"), (renamed, "'B'"),
        (rewritten, "changed"), ([documents[1], documents[0], documents[2]], "'b'"),
      ] {
        try corpus.write(others)
        let failure = #expect(throws: Failure.self) { try index.verify(against: corpus.collection) }
        #expect(failure?.kind == .badData && failure?.problem.contains(word) == true)
      }
    }
  }
#endif
