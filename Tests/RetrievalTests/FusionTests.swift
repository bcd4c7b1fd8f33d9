import Corpora
import Diagnostics
import Foundation
import Retrieval
import TestSupport
import Testing

@Suite struct RunStageTests {
  @Test func answersByTheIdsOfQueries() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.appending(path: "x.run").path(percentEncoded: false)
    try Data("q1 Q0 a 1 3 sys\nq1 Q0 b 2 5 sys\nq1 Q0 c 3 3 sys\nq2 Q0 a 1 1 sys\n".utf8)
      .write(to: URL(filePath: path))
    let stage = try RunStage(opening: path)
    #expect(stage.name == "sys")
    let answers = try stage.search(
      [Query(id: "q2", text: ""), Query(id: "q9", text: "a"), Query(id: "q1", text: "")], depth: 2)
    #expect(
      answers == [
        [ScoredDocument(document: "a", score: 1)], [],
        [ScoredDocument(document: "b", score: 5), ScoredDocument(document: "c", score: 3)],
      ])
    #expect(try stage.search([Query(id: "q1", text: "")], depth: 0) == [[]])
    #expect(throws: Failure.self) { try RunStage(opening: path + "x") }
  }

  /// A hit with the query's own id makes room for another document.
  @Test func hitsWithTheQuerysOwnID() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.appending(path: "x.run").path(percentEncoded: false)
    try Data("a Q0 b 1 3 s\na Q0 a 2 2 s\na Q0 c 3 1 s\nd Q0 b 1 2 s\nd Q0 c 2 1 s\n".utf8)
      .write(to: URL(filePath: path))
    let stage = try RunStage(opening: path)
    func documents(_ withoutIdenticalIDs: Bool) throws -> [[String]] {
      let queries = [Query(id: "a", text: ""), Query(id: "d", text: "")]
      return try stage.search(queries, depth: 2, withoutIdenticalIDs: withoutIdenticalIDs)
        .map { $0.map(\.document) }
    }
    #expect(try documents(false) == [["b", "a"], ["b", "c"]])
    #expect(try documents(true) == [["b", "c"], ["b", "c"]])
  }

  /// Lines of a query need not stand together, and those of others are not read with them.
  @Test func linesOfAQueryMayBeApart() throws {
    let folder = try Material.temporaryFolder()
    let path = folder.appending(path: "x.run").path(percentEncoded: false)
    let lines = "q1 Q0 a 1 1 s\n\nq2 Q0 z 1 9 s\nq1 Q0 b 1 2 s\r\nq2 Q0 z 2 8 s\nq3 Q0 c 1 1 s"
    try Data(lines.utf8).write(to: URL(filePath: path))
    let stage = try RunStage(opening: path)
    let found = try stage.search([Query(id: "q1", text: ""), Query(id: "q3", text: "")], depth: 9)
    #expect(found.map { $0.map(\.document) } == [["b", "a"], ["c"]])
    let twice = #expect(throws: Failure.self) {
      try stage.search([Query(id: "q2", text: "")], depth: 9)
    }
    #expect(twice?.description.contains("lines 3 and 5") == true, "\(twice as Any)")
    try Data((lines + "\n").utf8).write(to: URL(filePath: path))
    #expect(try RunStage(opening: path).fingerprint != stage.fingerprint)
  }
}

@Suite struct FusedStageTests {
  /// A stage with the same answer to all queries but "none".
  private struct FixedStage: FirstStage {
    let name: String
    let fingerprint = ""
    let documents: [ScoredDocument]

    func search(_ queries: [Query], depth: Int) throws(Failure) -> [[ScoredDocument]] {
      queries.map { $0.id == "none" ? [] : Array(documents.prefix(depth)) }
    }
  }

  private func stage(_ name: String, _ documents: [(String, Double)]) -> FixedStage {
    FixedStage(
      name: name, documents: documents.map { ScoredDocument(document: $0.0, score: $0.1) })
  }

  private func fused(
    _ parts: [FusedStage.Part], by method: FusedStage.Method = .reciprocalRank(), depth: Int = 10,
    leastDepth: Int = 0
  ) throws -> [(String, Double)] {
    try FusedStage(parts, by: method, leastDepth: leastDepth)
      .search([Query(id: "q", text: "")], depth: depth)[0].map { ($0.document, $0.score) }
  }

  private var first: FixedStage { stage("one", [("a", 9), ("b", 5), ("c", 4)]) }
  private var second: FixedStage { stage("two", [("c", 0.5), ("d", 0.3), ("a", -0.1)]) }

  private func check(
    _ found: [(String, Double)], _ expected: [(String, Double)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.map(\.0) == expected.map(\.0), sourceLocation: sourceLocation)
    for (a, b) in zip(found, expected) {
      #expect(abs(a.1 - b.1) < 1e-14, "\(a.0)", sourceLocation: sourceLocation)
    }
  }

  /// Ids that differ in their Unicode composition are two documents.
  @Test func idsAreComparedByTheirBytes() throws {
    let found = try fused([.init(stage("x", [("caf\u{E9}", 2), ("cafe\u{301}", 1)]))])
    #expect(found.map { Array($0.0.utf8).count } == [5, 6])
  }

  @Test func reciprocalRanks() throws {
    check(
      try fused([.init(first), .init(second)]),
      [
        ("a", 1.0 / 61 + 1.0 / 63), ("c", 1.0 / 63 + 1.0 / 61), ("b", 1.0 / 62), ("d", 1.0 / 62),
      ])
    check(
      try fused([.init(first, weight: 1), .init(second, weight: 3)], by: .reciprocalRank(k: 1)),
      [("c", 1.0 / 4 + 3.0 / 2), ("a", 1.0 / 2 + 3.0 / 4), ("d", 1), ("b", 1.0 / 3)])
  }

  @Test func scoresFromLowestToHighest() throws {
    // one: a 1, b 0.2, c 0; two: c 1, d 2/3, a 0.
    check(
      try fused([.init(first, weight: 0.3), .init(second, weight: 0.7)], by: .scores(.minMax)),
      [("c", 0.7), ("d", 0.7 * 2 / 3), ("a", 0.3), ("b", 0.3 * 0.2)])
    // One document alone is the highest, and not found is less.
    check(
      try fused([.init(stage("x", [("b", 7)])), .init(first)], by: .scores(.minMax)),
      [("b", 1.2), ("a", 1), ("c", 0)])
  }

  @Test func scoresByTheirDeviation() throws {
    // one: mean 6, deviation √(14 / 3); two: mean 7/30, deviation √(14 / 225).
    let (s, t) = ((14.0 / 3).squareRoot(), (14.0 / 225).squareRoot())
    let (m, last) = (7.0 / 30, (-0.1 - 7.0 / 30))
    check(
      try fused([.init(first), .init(second)], by: .scores(.zScore)),
      [
        ("a", 3 / s + last / t), ("c", -2 / s + (0.5 - m) / t), ("d", -2 / s + (0.3 - m) / t),
        ("b", -1 / s + last / t),
      ].sorted { $0.1 > $1.1 })
    let same = stage("x", [("c", 7), ("b", 7)])
    check(try fused([.init(same)], by: .scores(.zScore)), [("c", 0), ("b", 0)])
  }

  @Test func depthsAreThoseAskedFor() throws {
    let parts = [FusedStage.Part(first), FusedStage.Part(second)]
    check(try fused(parts, depth: 1), [("a", 1.0 / 61)])
    check(try fused(parts, depth: 1, leastDepth: 3), [("a", 1.0 / 61 + 1.0 / 63)])
    check(try fused(parts, depth: 0), [])
    let both = try FusedStage(parts)
    #expect(both.name == "one+two")
    let answers = try both.search(
      [Query(id: "none", text: ""), Query(id: "q", text: "")], depth: 10)
    #expect(answers[0].isEmpty && answers[1].count == 4)
  }

  @Test func whatMeansNothingIsRefused() throws {
    for parts in [
      [], [FusedStage.Part(first, weight: -1)], [FusedStage.Part(first, weight: 0)],
      [FusedStage.Part(first, weight: .nan)],
    ] {
      let failure = #expect(throws: Failure.self) { try FusedStage(parts) }
      #expect(failure?.kind == .usage)
    }
    let wrong = #expect(throws: Failure.self) {
      try FusedStage([.init(first)], by: .reciprocalRank(k: -1))
    }
    #expect(wrong?.kind == .usage)
    let endless = #expect(throws: Failure.self) {
      try fused([.init(stage("x", [("a", .infinity), ("b", 1)]))], by: .scores(.minMax))
    }
    #expect(endless?.kind == .badData && endless?.problem.contains("'a'") == true)
    check(
      try fused([.init(stage("x", [("a", .infinity), ("b", 1)]))]),
      [("a", 1.0 / 61), ("b", 1.0 / 62)])
  }

  #if BM25
    @Test func anIndexAndARunTogether() throws {
      let index = try Corpus(texts: ["red fox", "red hill"]).index()
      let run = stage("x", [("d2", 4), ("d9", 2)])
      let found = try FusedStage([.init(index), .init(run)]).search(
        [Query(id: "q", text: "red")], depth: 10)[0]
      #expect(found.map(\.document) == ["d2", "d1", "d9"])
    }
  #endif
}
