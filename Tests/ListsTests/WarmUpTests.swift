import Corpora
import Diagnostics
import Foundation
import Lists
import ModelSupport
import Options
import Randomness
import Testing

/// How the lists of a warm-up are made.
@Suite struct WarmUpTests {
  /// BM25 by its formula, over words counted one by one.
  @Test func wordIndex() {
    var random = SplitMix64(seed: 2)
    let texts = (0..<30).map { _ in
      (0..<3 + random.below(12)).map { _ in Int32(random.below(9) * random.below(6)) }
    }
    let query: [Int32] = [3, 4, 4, 10, 999]
    // The index holds every second document only, in another order.
    let held = Array(stride(from: 28, through: 0, by: -2))
    let index = WordIndex(held.map { texts[$0][...] }, k1: 0.9, b: 0.4)
    let found = index.scores(of: query)
    let lengths = held.map { Double(texts[$0].count) }
    let mean = lengths.reduce(0, +) / Double(held.count)
    for (i, document) in held.enumerated() {
      var expected = 0.0
      for word in query {
        let holders = Double(held.count { texts[$0].contains(word) })
        let count = Double(texts[document].count { $0 == word })
        let rarity = log(1 + (Double(held.count) - holders + 0.5) / (holders + 0.5))
        expected += rarity * count / (count + 0.9 * (0.6 + 0.4 * lengths[i] / mean))
      }
      #expect(abs(Double(found[i]) - expected) < 1e-5)
    }
    #expect(found.contains { $0 > 0 } && found.contains(0))
  }

  /// The index of neighbours that are not found by words.
  private static func noIndex() -> WordIndex {
    Issue.record("an index is made that no neighbours are looked up in")
    return WordIndex([])
  }

  private func library(_ count: Int) -> (TextLibrary, [Int]) {
    var library = TextLibrary(ReceivedTexts())
    let numbers = (0..<count).map {
      library.append(document: TinyModel.text(words: 12, seed: UInt64($0)))
    }
    return (library, numbers)
  }

  /// The nearest are always there, the others come from farther ranks, the farther the rarer, and
  /// never the document itself.
  @Test(arguments: [7, 1, 2, 500])
  func nearAndFar(_ wanted: Int) throws {
    var (library, numbers) = library(150)
    var options = WarmUpOptions()
    options.neighbours = wanted
    options.neighbourSource = .biEncoder
    let neighbours = try Neighbours(options, numbers, &library, index: Self.noIndex)
    var random = SplitMix64(seed: 3)
    var farther = [Int](repeating: 0, count: 150)
    for round in 0..<300 {
      let own = numbers[round % 150]
      // Rank r is document own + 1 + r, round and round.
      func rank(_ document: Int) -> Int { (document - own + 149) % 150 }
      let chosen = neighbours.choose(for: own, using: &random, words: []) { -Float(rank($0)) }
      let ranks = chosen.map(rank)
      let count = min(wanted, 149)
      let nearest = (count + 1) / 2
      #expect(!chosen.contains(own))
      #expect(ranks == ranks.sorted() && Set(ranks).count == count)
      #expect(Array(ranks.prefix(nearest)) == Array(0..<nearest))
      for rank in ranks.dropFirst(nearest) { farther[rank] += 1 }
    }
    if wanted == 7 {
      // Equally many between 4 and 20 as between 20 and 100, since both are a factor of five.
      let (near, far) = (farther[4..<20].reduce(0, +), farther[20..<100].reduce(0, +))
      #expect(near + far == 900 && abs(near - far) < 120, "\(near) and \(far)")
    }
  }

  /// By words, the documents that share the most of the query's words come first.
  @Test func byWords() throws {
    var (library, numbers) = library(40)
    let options = WarmUpOptions()
    var known: [Substring: Int32] = [:]
    let words = (0..<40).map { document in
      TinyModel.text(words: 12, seed: UInt64(document)).split(separator: " ").map { word in
        let number = known[word] ?? Int32(known.count)
        known[word] = number
        return number
      }
    }
    let neighbours = try Neighbours(options, numbers, &library) {
      WordIndex(words.map { $0[...] })
    }
    for own in [0, 7, 39] {
      let words = words[(own + 1) % 40][...]
      var random = SplitMix64(seed: 1)
      let chosen = neighbours.choose(for: own, using: &random, words: words) { _ in 0 }
      #expect(chosen.first == (own + 1) % 40, "a document is nearest to its own words")
      #expect(chosen.count == 7)
    }
  }

  /// A run's neighbours are taken in its order; one that names no document is refused.
  @Test func byRun() throws {
    let collection = try TinyCollection()
    let folder = URL(filePath: collection.path)
    func write(_ name: String, _ text: String) throws -> String {
      let file = folder.appending(path: name)
      try Data(text.utf8).write(to: file)
      return file.path(percentEncoded: false)
    }
    var library = TextLibrary(ReceivedTexts())
    let opened = try library.collection(collection.path, CollectionForm())
    let numbers = try (0..<10).map { try library.document("d\($0)", of: opened) }
    var options = WarmUpOptions()
    options.neighbours = 2
    options.neighbourSource = .run(
      try write(
        "near.run",
        "d3 Q0 d3 1 9 x\nd3 Q0 d7 2 8 x\nd3 Q0 gone 3 7 x\nd3 Q0 d1 4 6 x\nd3 Q0 d2 5 5 x\n"))
    let neighbours = try Neighbours(options, numbers, &library, index: Self.noIndex)
    var random = SplitMix64(seed: 1)
    #expect(neighbours.choose(for: numbers[3], using: &random, words: []) { _ in 0 } == [7, 1])
    // A document the run says nothing of gets neighbours by cosines.
    let others = neighbours.choose(for: numbers[4], using: &random, words: []) { $0 == 6 ? 1 : 0 }
    #expect(others.count == 2 && others.first == 6 && !others.contains(4))
    options.neighbourSource = .run(try write("other.run", "q1 Q0 d1 1 9 x\n"))
    let failure = #expect(throws: Failure.self) {
      try Neighbours(options, numbers, &library, index: Self.noIndex)
    }
    #expect(failure?.description.contains("contains no document neighbours") == true)
  }

  /// A teacher's run labels the training queries' documents with its scores, spread over the scale.
  @Test func teacherRun() throws {
    let collection = try TinyCollection()
    var library = TextLibrary(ReceivedTexts())
    var options = WarmUpOptions()
    options.teacherRun = collection.train
    options.neighbours = 3
    options.scale = 10
    let maker = WarmUpLists(options: options, seed: 4)
    let lists = try maker.lists(
      of: try Run(opening: collection.train),
      collection: try library.collection(collection.path, CollectionForm()),
      into: &library)
    #expect(lists.count == 8)
    for list in lists {
      #expect(list.documents.count == 4 && Set(list.documents).count == 4)
      #expect(list.labels.min() == 0 && list.labels.max() == 10)
    }
  }

  /// The candidates of the training queries are dealt out, each to one list of its query.
  @Test func trainingQueries() throws {
    let collection = try TinyCollection()
    var library = TextLibrary(ReceivedTexts())
    let source = TrainingSource(
      collection: collection.path, split: "train", candidates: collection.train)
    let queries = try library.queries(of: source) { _ in }
    func cosine(_ query: Int, _ document: Int) -> Float { Float(query * 31 - document * 7) / 64 }
    var options = WarmUpOptions()
    options.neighbours = 3
    let maker = WarmUpLists(options: options, seed: 4)
    let lists = maker.lists(of: queries, cosine: cosine)
    #expect(lists.count == 16, "ten candidates make two lists of five")
    for query in queries {
      let ours = lists.filter { $0.query == query.query }
      #expect(ours.flatMap(\.documents).sorted() == query.candidates.map(\.document).sorted())
      for list in ours {
        for (document, label) in zip(list.documents, list.labels) {
          #expect(label == 20 * Double(cosine(query.query, document)))
        }
      }
    }
  }
}
