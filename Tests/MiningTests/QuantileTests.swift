import Foundation
import Mining
import Options
import Testing

/// `strategy: quantiles`: a share of each band of scores.
@Suite struct QuantileTests {
  /// Sixteen candidates d1 … d16, best first, whose texts end with the teacher's scores.
  private func mined(
    _ bands: Int = 4, count: Int = 4, teacher: Bool, seed: UInt64 = 3, queries: Int = 20,
    _ score: (Int) -> Int, change: (inout MiningPlan) -> Void = { _ in }
  ) throws -> MinedBatch {
    let ids = (1...16).map { "d\($0)" }
    var texts = Dictionary(
      uniqueKeysWithValues: (1...16).map { ("d\($0)", "document \($0) has \(score($0))") })
    texts["p1"] = "the positive has 100"
    var fixture = try Fixture(["p1"] + ids, texts: texts)
    fixture.queries = (1...queries).map { ("q\($0)", "number \($0)") }
    fixture.qrels = fixture.queries.map { ($0.id, "p1", 1) }
    let answer = (1...16).map { ("d\($0)", Double(-$0)) }
    let stage = TableStage(
      "table", Dictionary(uniqueKeysWithValues: fixture.queries.map { ($0.id, answer) }))
    return try fixture.mine(stage, teacher: teacher ? NumberTeacher() : nil) { plan in
      plan.sampling.seed = seed
      plan.sampling.strategy = .quantiles(bands)
      plan.sampling.count = count
      change(&plan)
    }
  }

  private func numbers(_ query: MinedQuery) -> [Int] {
    query.negatives.compactMap { Int($0.id.dropFirst()) }
  }

  /// The first stage's order: d1 to d4, d5 to d8 …
  @Test func bandsOfTheFirstStage() throws {
    let found = try mined(teacher: false) { _ in 0 }
    #expect(found.queries.count == 20)
    for query in found.queries {
      #expect(Set(numbers(query).map { ($0 - 1) / 4 }) == [0, 1, 2, 3])
    }
    #expect(Set(found.queries.flatMap(numbers)) == Set(1...16))
    let again = try mined(teacher: false) { _ in 0 }
    #expect(again.queries.map(numbers) == found.queries.map(numbers))
    let other = try mined(teacher: false, seed: 4) { _ in 0 }
    #expect(other.queries.map(numbers) != found.queries.map(numbers))
  }

  /// A teacher that orders d1 … d16 by 7 · d modulo 17, from 16 down: the bands of its scores.
  @Test func bandsOfTheTeacher() throws {
    func score(_ document: Int) -> Int { 7 * document % 17 }
    let order = (1...16).sorted { score($0) > score($1) }
    let found = try mined(count: 8, teacher: true, score)
    for query in found.queries {
      for band in 0..<4 {
        let own = Set(order[4 * band..<4 * band + 4])
        #expect(numbers(query).count { own.contains($0) } == 2)
      }
      for negative in query.negatives {
        #expect(negative.teacher == Double(score(Int(negative.id.dropFirst()) ?? 0)))
      }
    }
  }

  /// What the teacher takes for relevant is replaced by another of its band.
  @Test func rejectedOnesAreReplacedWithinTheirBand() throws {
    let found = try mined(count: 8, teacher: true, { 17 - $0 }) { $0.teacher.maximumScore = 15 }
    for query in found.queries {
      let own = numbers(query)
      #expect(!own.contains(1))
      for band in 0..<4 { #expect(own.count { ($0 - 1) / 4 == band } == 2) }
    }
  }

  /// Two candidates for four bands, and more negatives than candidates.
  @Test func fewCandidates() throws {
    let found = try mined(count: 20, teacher: true) { $0 }
    for query in found.queries { #expect(Set(numbers(query)) == Set(1...16)) }
    let two = try mined(count: 3, teacher: false, { _ in 0 }) { $0.filters.lastRank = 2 }
    for query in two.queries { #expect(Set(numbers(query)) == [1, 2]) }
  }
}
