import Corpora
import Randomness
import Splits
import Testing

/// Which queries are the same, nearly the same, or different.
@Suite struct QueryGroupTests {
  @Test(arguments: [
    ("How to restore a file?", "how to  restore a FILE"), ("ｆｉｌｅ ﬁle", "file file"),
    ("e-mail", "e mail"),
  ])
  func sameWords(a: String, b: String) {
    let groups = QueryGroups([a, "something else", b], near: 1)
    #expect(groups.first == [0, 1, 0] && groups.group == [0, 1, 0])
  }

  @Test(arguments: [
    // Another order, a plural and misspellings.
    ("restore a deleted file", "a deleted file restore"),
    ("how can I restore a deleted file", "how can i restore deleted file"),
    ("wireless headphones for running", "wireless headphone for running"),
    ("how to restore a deletd file from the trash", "how to restore a deleted file from the trash"),
    ("東京の美術館の開館時間は何時ですか", "東京の美術館の開館時間は何時ですかね"),
  ])
  func nearlyTheSameWords(a: String, b: String) {
    let groups = QueryGroups(["another question", a, b])
    #expect(groups.first == [0, 1, 2] && groups.group == [0, 1, 1])
  }

  @Test(arguments: [
    ("how to restore a file", "how to restore a folder"), ("red shoes", "blue shoes"),
    // Numbers tell questions apart, however long they are.
    ("iphone 11 pro max leather case black", "iphone 12 pro max leather case black"),
    ("who won the world cup final in 2018", "who won the world cup final in 2022"),
    ("とうきょう", "きょうと"), ("a", "b"), ("", "a"),
  ])
  func different(a: String, b: String) {
    #expect(QueryGroups([a, b]).group == [0, 1])
  }

  /// A group is closed: the first and the last of a chain are in one although they differ.
  @Test func groupsAreClosed() {
    let words = (0..<24).map { "w\(Array("abcdefghijklmnopqrstuvwx")[$0])word" }
    let chain = [0, 2, 4].map { words[$0..<($0 + 20)].joined(separator: " ") }
    #expect(QueryGroups([chain[0], chain[2]]).group == [0, 1])
    #expect(QueryGroups(chain).group == [0, 0, 0])
    #expect(QueryGroups(chain, near: 1).group == [0, 1, 2])
  }

  /// Against a comparison of all pairs by sets of trigrams that is written in another way.
  @Test func findsWhatAllPairsFind() {
    var generator = SplitMix64(seed: 3)
    let vocabulary = (0..<300).map { _ in
      String(
        (0..<(3 + generator.below(6))).map { _ in
          Character(UnicodeScalar(UInt8(97 + generator.below(26))))
        })
    }
    var queries: [[String]] = []
    for _ in 0..<1200 {
      if queries.isEmpty || generator.below(3) > 0 {
        queries.append((0..<(4 + generator.below(8))).map { _ in vocabulary[generator.below(300)] })
      } else {
        var changed = queries[generator.below(queries.count)]
        changed[generator.below(changed.count)] = vocabulary[generator.below(300)]
        queries.append(changed)
      }
    }
    let sets = queries.map { query in
      Set(
        query.flatMap { word -> [String] in
          let letters = Array(" \(word) ")
          return (2..<letters.count).map { String(letters[($0 - 2)...$0]) }
        })
    }
    let found = QueryGroups(queries.map { $0.joined(separator: " ") })
    var (expected, missed) = (0, 0)
    for b in sets.indices {
      for a in 0..<b {
        let shared = sets[a].intersection(sets[b]).count
        guard Double(shared) / Double(sets[a].count + sets[b].count - shared) >= 0.8 else {
          continue
        }
        expected += 1
        if found.group[a] != found.group[b] { missed += 1 }
      }
    }
    #expect(expected > 100, "\(expected)")
    // One in ten thousand at the threshold, and fewer above it.
    #expect(missed == 0, "\(missed) of \(expected)")
  }

  /// Many queries with one template, and many with the same words, take no quadratic time.
  @Test(.timeLimit(.minutes(1))) func hostileQueries() {
    let alike = (0..<20_000).map { _ in "the very same question" }
    #expect(Set(QueryGroups(alike).group) == [0])
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let template = (0..<20_000).map { n in
      let tail = String([n % 26, n / 26 % 26, n / 676 % 26, n / 17_576].map { letters[$0] })
      return "what is the average annual temperature in the beautiful city of \(tail)"
    }
    let groups = QueryGroups(template)
    #expect(groups.first == Array(0..<20_000))
    #expect(QueryGroups([String]()).group.isEmpty)
    #expect(QueryGroups(["?!", "…"]).group == [0, 0], "texts without words are the same")
  }
}
