import Corpora
import Diagnostics
import Foundation
import Options
import Randomness
import Splits
import TestSupport
import Testing

/// A split divided into train, dev and test.
@Suite struct DivisionTests {
  private struct Item {
    var id: String
    var text: String
    var grade: Double
  }

  private func collection(_ items: [Item], splits: [String] = ["all"]) throws -> Corpora.Collection
  {
    let folder = try Material.temporaryFolder()
    func put(_ name: String, _ text: String) throws {
      let url = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try put("corpus.jsonl", #"{"_id": "d", "text": "t"}"# + "\n")
    try put(
      "queries.jsonl",
      items.map { "{\"_id\": \"\($0.id)\", \"text\": \"\($0.text)\"}\n" }.joined())
    for split in splits {
      try put(
        "qrels/\(split).tsv",
        "query-id\tcorpus-id\tscore\n" + items.map { "\($0.id)\td\t\($0.grade)\n" }.joined())
    }
    return try Collection(opening: folder.path)
  }

  private func shares(_ share: Double = 0.8, test: Double? = nil, seed: UInt64 = 7) -> SplitShares {
    var shares = SplitShares()
    (shares.share, shares.test, shares.seed) = (share, test, seed)
    return shares
  }

  private static let words = [
    "amber", "basil", "cedar", "delta", "ember", "flint", "grove", "heron", "ivory", "joker",
    "koala", "lemon", "mango", "nylon", "olive", "piano", "quilt", "raven", "sugar", "tulip",
  ]

  private func texts(_ division: Division, _ part: SplitShares.Part, _ ids: [String: String])
    -> [String]
  {
    division.judgments(of: part).queries.compactMap { ids[$0] }.sorted()
  }

  /// Parts that a program in Python computes from the definition: FNV-1a of the words, SplitMix64
  /// of seed and hash, groups in the order of grade and key, each to the part that lacks most. They
  /// depend neither on ids nor on the order of lines.
  @Test(
    arguments: [
      (7, ["amber", "delta"], ["grove", "piano"]), (8, ["amber", "lemon"], ["grove", "nylon"]),
    ] as [(UInt64, [String], [String])])
  func isTheSameEverywhere(seed: UInt64, dev: [String], test: [String]) throws {
    for isReversed in [false, true] {
      let items = Self.words.enumerated().map { number, word in
        Item(
          id: isReversed ? "x\(number)" : "q\(number)", text: isReversed ? word.uppercased() : word,
          grade: Double(number % 2 + 1))
      }
      let ids = Dictionary(uniqueKeysWithValues: items.map { ($0.id, $0.text.lowercased()) })
      let division = try Division(
        of: collection(isReversed ? items.reversed() : items), shares(seed: seed))
      #expect(texts(division, .dev, ids) == dev)
      #expect(texts(division, .test, ids) == test)
      #expect(division.judgments(of: .train).queries.count == 16)
    }
  }

  /// Queries with nearly the same words are on one side, each judgment is in one part, and every part
  /// has its share of every grade.
  @Test func groupsStayTogetherAndGradesAreShared() throws {
    var generator = SplitMix64(seed: 5)
    var items: [Item] = []
    for n in 0..<1000 {
      let words = (0..<4).map { _ in
        String((0..<6).map { _ in Character(UnicodeScalar(UInt8(97 + generator.below(26)))) })
      }
      let text = words.joined(separator: " ")
      for copy in 0..<(n % 10 == 0 ? 3 : 1) {
        items.append(
          Item(
            id: "q\(n)-\(copy)", text: copy == 2 ? text + "s" : text,
            grade: n % 5 == 0 ? 3 : Double(n % 2)))
      }
    }
    let division = try Division(of: collection(items), shares(0.6, test: 0.2))
    let parts = SplitShares.Part.allCases.map { division.judgments(of: $0) }
    #expect(parts.map(\.count).reduce(0, +) == items.count)
    #expect(Set(parts.flatMap(\.queries)).count == items.count)
    for n in stride(from: 0, to: 1000, by: 10) {
      let sides = parts.map { part in (0..<3).count { part.contains(query: "q\(n)-\($0)") } }
      #expect(sides.contains(3), "\(n): \(sides)")
    }
    for grade in [0.0, 1, 3] {
      let total = items.count { $0.grade == grade }
      for (part, share) in zip(parts, [0.6, 0.2, 0.2]) {
        let own = part.queries.count { part.grade(of: "d", for: $0) == grade }
        // A part may lack one group of three when a grade begins, and another when it ends.
        #expect(abs(Double(own) - share * Double(total)) <= 6, "\(grade): \(own) of \(total)")
      }
    }
    #expect(division.largest >= 3 && division.groups <= 1000)
  }

  @Test func noTest() throws {
    let items = Self.words.enumerated().map { Item(id: "\($0)", text: $1, grade: 1) }
    let division = try Division(of: collection(items), shares(test: 0))
    #expect(division.judgments(of: .test).queries.isEmpty)
    #expect(division.judgments(of: .dev).queries.count == 4)
    #expect(division.summary.contains("16 train, 4 dev"), "\(division.summary)")
  }

  @Test func queriesThatAreMissingAreLeftOut() throws {
    let items = Self.words.enumerated().map { Item(id: "\($0)", text: $1, grade: 1) }
    let collection = try collection(items)
    let qrels = collection.path + "/qrels/all.tsv"
    let text = try String(contentsOfFile: qrels, encoding: .utf8)
    try (text + "nowhere\td\t1\n").write(toFile: qrels, atomically: true, encoding: .utf8)
    let division = try Division(of: collection, shares())
    #expect(division.unresolved == 1 && division.queries == 20)
    #expect(
      division.summary.hasSuffix("1 judged queries are not in the collection and were left out"))
  }

  @Test func failures() throws {
    func failure(_ items: [Item], splits: [String] = ["all"], of: String? = nil) throws -> Failure?
    {
      let collection = try collection(items, splits: splits)
      var shares = shares()
      shares.of = of
      do throws(Failure) {
        _ = try Division(of: collection, shares)
        return nil
      } catch {
        return error
      }
    }
    let same = (0..<30).map { Item(id: "\($0)", text: "the same question", grade: 1) }
    let alike = try #require(try failure(same))
    #expect(
      alike.kind == .badData
        && alike.problem == "dev gets no queries: split 'all' has 30 queries in 1 groups of the "
          + "same or nearly the same words"
    )
    let items = Self.words.enumerated().map { Item(id: "\($0)", text: $1, grade: 1) }
    let several = try #require(try failure(items, splits: ["train", "test"]))
    #expect(several.problem == "the collection has 2 splits: test, train")
    #expect(several.remedy == "name it, with --of or 'of', or take the splits as they are")
    #expect(try failure(items, splits: ["train", "test"], of: "train") == nil)
    let unknown = try #require(try failure(items, of: "al"))
    #expect(unknown.kind == .missingInput && unknown.remedy == "write 'all'")
  }
}
