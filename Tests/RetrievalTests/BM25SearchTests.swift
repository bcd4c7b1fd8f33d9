import Corpora
import Diagnostics
import Foundation
import Retrieval
import Testing

#if BM25
  @Suite struct BM25SearchTests {
    /// BM25 as the formula has it, over words split at spaces.
    private struct Reference {
      let titles: [[String]]
      let texts: [[String]]
      var (k1, b, titleWeight, textWeight) = (0.9, 0.4, 1.0, 1.0)

      init(_ documents: [Document]) {
        func words(_ text: String) -> [String] {
          text.lowercased().split(separator: " ").map(String.init)
        }
        titles = documents.map { words($0.title) }
        texts = documents.map { words($0.text) }
      }

      func scores(_ query: String) -> [Double] {
        let total = Double(texts.count)
        let frequencies = zip(titles, texts).map { title, text in
          var counts: [String: Double] = [:]
          if titleWeight > 0 { for word in title { counts[word, default: 0] += titleWeight } }
          if textWeight > 0 { for word in text { counts[word, default: 0] += textWeight } }
          return counts
        }
        let lengths = frequencies.map { $0.values.reduce(0, +) }
        let average = lengths.reduce(0, +) / total
        var scores = [Double](repeating: 0, count: texts.count)
        for word in query.lowercased().split(separator: " ").map(String.init) {
          let n = Double(frequencies.count { $0[word] != nil })
          let idf = log(1 + (total - n + 0.5) / (n + 0.5))
          for (document, counts) in frequencies.enumerated() {
            guard let f = counts[word] else { continue }
            scores[document] += idf * f / (f + k1 * (1 - b + b * lengths[document] / average))
          }
        }
        return scores
      }

      func ranking(_ query: String, depth: Int) -> [(place: Int, score: Double)] {
        let scores = scores(query)
        return scores.indices.filter { scores[$0] > 0 }
          .sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
          .prefix(depth).map { ($0, scores[$0]) }
      }
    }

    private let documents = [
      Document(id: "a", title: "red fox", text: "the red fox runs over the red hill"),
      Document(id: "b", title: "", text: "a hill"),
      Document(id: "c", title: "fox", text: ""),
      Document(id: "d", title: "", text: ""),
      Document(id: "e", title: "Hill", text: "the fox the the fox sleeps under a Red Tree"),
      Document(id: "f", title: "green", text: "green green green the tree"),
    ]

    @Test(arguments: [
      (0.9, 0.4, 1, 1), (1.2, 0.75, 1, 1), (1.2, 0.75, 3, 1), (2, 1, 1, 2), (0, 0.4, 1, 1),
      (1.5, 0, 2, 2), (1.2, 0.75, 0, 1), (1.2, 0.75, 1, 0),
    ])
    func scoresAreTheFormula(k1: Double, b: Double, titleWeight: Int, textWeight: Int) throws {
      var options = BM25Options.plain
      (options.k1, options.b) = (k1, b)
      (options.titleWeight, options.textWeight) = (titleWeight, textWeight)
      let index = try Corpus(documents).index(options)
      var reference = Reference(documents)
      (reference.k1, reference.b) = (k1, b)
      (reference.titleWeight, reference.textWeight) = (Double(titleWeight), Double(textWeight))
      for query in ["fox", "red fox", "the fox fox fox hill", "tree green unknown", "the a", "zzz"]
      {
        let expected = reference.scores(query)
        let found = try index.search(query, depth: 10)
        #expect(Set(found.map(\.document)).count == found.count)
        #expect(found.count == expected.count { $0 > 0 }, "\(query)")
        for entry in found {
          let place = try #require(documents.firstIndex { $0.id == entry.document })
          // A few sums and products of numbers near 1.
          #expect(abs(entry.score - expected[place]) < 1e-13, "\(query): \(entry)")
        }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
      }
    }

    /// Over more documents than are weighed at once and indexed together, with words so frequent
    /// that they are passed over.
    @Test func passingOverChangesNothing() throws {
      let texts = zipfianTexts(40_000, words: 3000, lengths: 3...12, seed: 3)
      let corpus = try Corpus(texts: texts)
      let index = try corpus.index(.plain)
      let reference = Reference(texts.map { Document(id: "", text: $0) })
      let queries = [
        "w1", "w1 w2 w3", "w900 w1 w2", "w40 w7 w7 w1 w2500", "w2 w2 w2 w1200", "w3000 w2999 w1",
      ]
      for query in queries {
        let expected = reference.ranking(query, depth: 500)
        for depth in [1, 10, 500] {
          let found = try index.search(query, depth: depth)
          #expect(found.count == min(depth, expected.count))
          for (entry, wanted) in zip(found, expected) {
            #expect(abs(entry.score - wanted.score) < 1e-12, "\(query) at \(depth)")
          }
          // The documents too, unless other rounding has set equal scores apart.
          let clear = zip(expected, expected.dropFirst()).allSatisfy {
            $0.score == $1.score || $0.score - $1.score > 1e-12
          }
          if clear {
            #expect(found.map(\.document) == expected.prefix(depth).map { "d\($0.place + 1)" })
          }
        }
        let deep = try index.search(query, depth: 500)
        #expect(try index.search(query, depth: 10) == Array(deep.prefix(10)))
      }
    }

    @Test func equalScoresComeInTheOrderOfTheIndex() throws {
      let index = try Corpus(texts: ["x y", "y x", "x", "z", "x y", "x"]).index(.plain)
      #expect(try index.search("x y", depth: 10).map(\.document) == ["d1", "d2", "d5", "d3", "d6"])
      #expect(try index.search("x y", depth: 2).map(\.document) == ["d1", "d2"])
      let many = try Corpus(texts: (0..<300).map { _ in "same words" }).index()
      #expect(
        try many.search("same words", depth: 200).map(\.document) == (1...200).map { "d\($0)" })
    }

    @Test func aBatchIsItsQueriesOneByOne() throws {
      let texts = zipfianTexts(2000, words: 500, lengths: 5...30, seed: 8)
      let index = try Corpus(texts: texts).index(.plain)
      let queries = zipfianTexts(64, words: 500, lengths: 0...6, seed: 9).enumerated().map {
        Query(id: "q\($0)", text: $1)
      }
      let together = try index.search(queries, depth: 20)
      #expect(together.count == queries.count)
      #expect(together == (try queries.map { try index.search([$0], depth: 20)[0] }))
      #expect(together == (try index.search(queries.reversed(), depth: 20)).reversed())
      #expect(try index.search([], depth: 20).isEmpty)
    }

    @Test func queriesWithoutWordsFindNothing() throws {
      let index = try Corpus(documents).index()
      for query in ["", "  ", "the of and", "…!?", "unknown"] {
        #expect(try index.search(query, depth: 5).isEmpty, "\(query)")
      }
      #expect(try index.search("fox", depth: 0).isEmpty)
    }

    @Test func documentsWithoutWordsAreNeverFound() throws {
      let index = try Corpus(texts: ["", "?!", "…"]).index()
      #expect(index.manifest.documents == 3)
      #expect(try index.search("word", depth: 5).isEmpty)
    }
  }

  @Suite struct BM25TermTests {
    private func terms(
      _ text: String, stemmer: String = "none", stopWords: StopWords = .none
    ) throws -> [String] {
      var options = BM25Options()
      (options.stemmer, options.stopWords) = (stemmer, stopWords)
      return try BM25Index.terms(of: text, options: options)
    }

    @Test(arguments: [
      ("", []), ("  ", []), ("Hello, World!", ["hello", "world"]),
      ("e-mail (2nd) x_y 3.14", ["e", "mail", "2nd", "x_y", "3", "14"]),
      ("ÉCOLE Straße ПРИВЕТ Ωμέγα", ["école", "straße", "привет", "ωμέγα"]),
      // Accents written on their own are the same word.
      ("e\u{301}cole", ["école"]),
      ("co\u{ad}operate", ["cooperate"]), ("a\u{200b}b", ["a", "b"]),
      ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
      ("東京都 です。x", ["東京", "京都", "です", "x"]), ("水 water水", ["水", "water", "水"]),
      ("한국어", ["한국", "국어"]), ("l'eau d’été", ["l", "eau", "d", "été"]),
      ("😀 a\u{0}b", ["a", "b"]),
    ])
    func areWordsOfAnyScript(text: String, expected: [String]) throws {
      #expect(try terms(text) == expected)
    }

    @Test func areStemmedAsTheLanguageHasIt() throws {
      #expect(try terms("Running runs cats", stemmer: "english") == ["run", "run", "cat"])
      #expect(try terms("a dog's dogs' tail", stemmer: "english") == ["a", "dog", "dog", "tail"])
      #expect(try terms("'quoted' rock 'n' roll", stemmer: "english").first == "quot")
      #expect(try terms("Häuser Haus", stemmer: "german") == ["haus", "haus"])
    }

    @Test func leaveStopWordsOut() throws {
      #expect(StopWords.english.words.count == 33)
      #expect(try terms("The cat is ON it", stopWords: .english) == ["cat"])
      let corpus = try Corpus(texts: ["x"])
      let file = corpus.folder.appending(path: "words")
      try Data("# a comment\n cat | and another\n| only one\nIS It\r\n".utf8).write(to: file)
      let list = try StopWords(corpus.path("words"))
      #expect(list.words == ["cat", "is", "it"])
      #expect(try terms("The cat is ON it", stopWords: list) == ["the", "on"])
      try (Data([0xFF, 0xFE]) + Data("c\u{0}a\u{0}t\u{0}\n\u{0}".utf8)).write(to: file)
      #expect(try StopWords(corpus.path("words")).words == ["cat"])
      try Data([0x61, 0x0A, 0x66, 0xFC, 0x72, 0x0A]).write(to: file)
      let latin = #expect(throws: Failure.self) { try StopWords(corpus.path("words")) }
      #expect(latin?.kind == .badData && latin?.place?.line == 2)
      #expect(try StopWords("none") == .none && StopWords("english") == .english)
      let failure = #expect(throws: Failure.self) { try StopWords("englsh") }
      #expect(failure?.kind == .usage && failure?.remedy == "write 'english'")
    }

    @Test func longWordsAreCutAlike() throws {
      let long = String(repeating: "é", count: 3000)
      let found = try terms("\(long) \(long)x a")
      #expect(found.count == 3 && found[0] == found[1] && found[2] == "a")
      #expect(found[0].allSatisfy { $0 == "é" } && (90...110).contains(found[0].count))
      let index = try Corpus(texts: [long, "a"]).index(.plain)
      #expect(try index.search(long, depth: 2).map(\.document) == ["d1"])
    }
  }
#endif
