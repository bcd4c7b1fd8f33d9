import Foundation
import Mining
import Options
import Testing

@Suite struct SamplingTests {
  /// How often each of the documents d1 … dn is drawn first, and second, over many queries.
  private func drawn(
    _ strategy: Sampling.Strategy, documents: Int, queries: Int, seed: UInt64 = 3,
    score: (Int) -> Double = { Double(-$0) }
  ) throws -> (first: [Int], second: [Int]) {
    var fixture = try Fixture(["p1"] + (1...documents).map { "d\($0)" })
    fixture.queries = (1...queries).map { ("q\($0)", "number \($0)") }
    fixture.qrels = fixture.queries.map { ($0.id, "p1", 1) }
    let answer = (1...documents).map { ("d\($0)", score($0)) }
    let stage = TableStage(
      "table", Dictionary(uniqueKeysWithValues: fixture.queries.map { ($0.id, answer) }))
    let mined = try fixture.mine(stage) { plan in
      plan.sampling.seed = seed
      plan.sampling.strategy = strategy
      plan.sampling.count = 2
    }
    var (first, second) = (
      [Int](repeating: 0, count: documents), [Int](repeating: 0, count: documents)
    )
    for query in mined.queries {
      let numbers = query.negatives.compactMap { Int($0.id.dropFirst()) }
      first[numbers[0] - 1] += 1
      second[numbers[1] - 1] += 1
    }
    return (first, second)
  }

  /// χ² of counts against weights, first drawn, and second drawn without what was first.
  private func check(
    _ found: (first: [Int], second: [Int]), _ weights: [Double], limit: Double
  ) {
    let n = Double(found.first.reduce(0, +))
    let sum = weights.reduce(0, +)
    let first = weights.map { $0 / sum }
    let second = weights.indices.map { j in
      weights.indices.reduce(0.0) { total, i in
        i == j ? total : total + first[i] * weights[j] / (sum - weights[i])
      }
    }
    for (counts, shares) in [(found.first, first), (found.second, second)] {
      let chi = zip(counts, shares).reduce(0.0) { total, pair in
        let expected = n * pair.1
        return total + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
      }
      // The seed is fixed, so that this either holds always or never.
      #expect(chi < limit, "χ² \(chi): \(counts)")
    }
  }

  // The limits are the 99.9 % quantiles of χ² with n − 1 degrees of freedom.

  @Test func random() throws {
    try check(
      drawn(.random, documents: 8, queries: 4000), [Double](repeating: 1, count: 8), limit: 24.3)
  }

  @Test func logRandom() throws {
    let weights = (1...12).map { log(Double($0 + 1) / Double($0)) }
    try check(drawn(.logRandom, documents: 12, queries: 4000), weights, limit: 31.3)
  }

  @Test(arguments: [0.5, 2])
  func softmax(temperature: Double) throws {
    let weights = (1...6).map { exp(Double(-$0) / 2 / temperature) }
    try check(
      drawn(.softmax(temperature: temperature), documents: 6, queries: 4000) { Double(-$0) / 2 },
      weights, limit: 20.5)
  }

  @Test func scoresOfAnySizeCanBeDrawnFrom() throws {
    let huge = try drawn(.softmax(temperature: 1), documents: 3, queries: 50) { -1e6 * Double($0) }
    #expect(huge.first == [50, 0, 0])
    #expect(huge.second == [0, 50, 0])
  }

  @Test func aQueryDrawsTheSameWhateverIsMinedWithIt() throws {
    var fixture = try Fixture(["p1"] + (1...40).map { "d\($0)" })
    fixture.queries = (1...6).map { ("q\($0)", "number \($0)") }
    fixture.qrels = fixture.queries.map { ($0.id, "p1", 1) }
    let answer = (1...40).map { ("d\($0)", Double(-$0)) }
    let stage = TableStage(
      "table", Dictionary(uniqueKeysWithValues: fixture.queries.map { ($0.id, answer) }))
    let source = CandidateSource(stage, depth: 40)
    func ids(_ miner: Miner, _ range: Range<Int>) throws -> [[String]] {
      try miner.mine(range).queries.map { $0.negatives.map(\.id) }
    }
    func miner(seed: UInt64) throws -> Miner {
      try fixture.miner([source]) { ($0.sampling.strategy, $0.sampling.seed) = (.random, seed) }
    }
    let all = try ids(miner(seed: 1), 0..<6)
    #expect(Set(all).count == 6, "queries draw different documents")
    #expect(try ids(miner(seed: 1), 3..<5) == Array(all[3..<5]))
    #expect(try ids(miner(seed: 2), 0..<6) != all)
    // A filter takes its documents out and leaves the others in the same order.
    let filtered = try fixture.miner([source]) {
      ($0.sampling.strategy, $0.sampling.seed, $0.filters.firstRank) = (.random, 1, 11)
      $0.sampling.count = 40
    }
    let unfiltered = try fixture.miner([source]) {
      ($0.sampling.strategy, $0.sampling.seed, $0.sampling.count) = (.random, 1, 40)
    }
    let low = Set((1...10).map { "d\($0)" })
    #expect(
      try ids(filtered, 0..<1)[0] == ids(unfiltered, 0..<1)[0].filter { !low.contains($0) })
  }

  @Test func bandsGiveTheirShares() throws {
    let fixture = try Fixture(["p1"] + (1...60).map { "d\($0)" })
    let stage = TableStage(ranked: (1...60).map { "d\($0)" })
    func bands(_ ranks: [Int], _ shares: [Double]?, count: Int) throws -> [Int] {
      let mined = try fixture.mine(stage) {
        $0.sampling.strategy = .rankBands(ranks, shares: shares)
        $0.sampling.count = count
      }
      let found = mined.queries[0].negatives.compactMap(\.rank)
      #expect(Set(found).count == found.count)
      return ranks.indices.map { band in
        found.count { rank in
          rank > (band == 0 ? 0 : ranks[band - 1])
            && (rank <= ranks[band] || band == ranks.count - 1)
        }
      }
    }
    #expect(try bands([10, 30, 50], nil, count: 9) == [3, 3, 3])
    #expect(try bands([10, 30, 50], nil, count: 8) == [3, 3, 2])
    #expect(try bands([10, 30, 50], [1, 2, 1], count: 8) == [2, 4, 2])
    // The first band runs short, and the others fill up.
    #expect(try bands([2, 60], nil, count: 10) == [2, 8])
  }

  @Test func gradesGiveEqualShares() throws {
    var fixture = try Fixture(["p1"] + (1...12).map { "d\($0)" })
    fixture.qrels += [("q1", "d9", 0), ("q1", "d10", 0), ("q1", "d11", 1), ("q1", "d12", 1)]
    let mined = try fixture.mine(TableStage(ranked: (1...12).map { "d\($0)" })) {
      $0.exclusions.minimumGrade = 2
      $0.sampling.strategy = .grades
      $0.sampling.count = 6
    }
    let negatives = mined.queries[0].negatives
    #expect(Set(negatives.prefix(2).map(\.id)) == ["d11", "d12"])
    #expect(Set(negatives[2..<4].map(\.id)) == ["d9", "d10"])
    #expect(negatives.suffix(2).allSatisfy { !$0.isJudged })
  }

  @Test func judgedOnesComeFirstWhereTheyArePreferred() throws {
    var fixture = try Fixture(["p1"] + (1...5).map { "d\($0)" })
    fixture.qrels += [("q1", "d1", 0), ("q1", "d4", 0)]
    let stage = TableStage(ranked: (1...5).map { "d\($0)" })
    let mined = try fixture.mine(stage) {
      $0.sampling.count = 3
      $0.sampling.prefersJudged = true
      $0.filters.firstRank = 3
    }
    #expect(mined.negatives == ["d1", "d4", "d3"], "a judgment outweighs the filters")
    #expect(mined.counts.keptJudged == 2)
  }

  @Test func quotas() throws {
    let fixture = try Fixture(["p1"] + (1...9).map { "d\($0)" })
    let first = TableStage("first", ranked: ["d1", "d2", "d3", "d4"])
    let second = TableStage("second", ranked: ["d1", "d5", "d6", "d7", "d8", "d9"])
    func sources(_ quotas: (Int?, Int?), count: Int = 6) throws -> [String] {
      let miner = try fixture.miner([
        CandidateSource(first, depth: 10, quota: quotas.0),
        CandidateSource(second, depth: 10, quota: quotas.1),
      ]) { $0.sampling.count = count }
      return try miner.mine(0..<1).negatives
    }
    #expect(try sources((nil, nil)) == ["d1", "d2", "d3", "d5", "d6", "d7"])
    #expect(try sources((1, nil)) == ["d1", "d5", "d6", "d7", "d8", "d9"])
    #expect(try sources((2, 2)) == ["d1", "d2", "d5", "d6"], "quotas are limits")
    #expect(try sources((nil, 2)) == ["d1", "d2", "d3", "d4", "d5", "d6"])
    #expect(
      try sources((nil, nil), count: 9)
        == ["d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"], "one makes up for the other")
  }

  @Test func whatIsMissingIsDrawnFromTheCorpus() throws {
    let fixture = try Fixture(
      ["p1", "same", "d1"] + (1...30).map { "r\($0)" }, texts: ["p1": "x y", "same": "x y"])
    let stage = TableStage(ranked: ["d1"])
    let short = try fixture.mine(stage)
    #expect(short.negatives == ["d1"] && short.counts.queriesShort == 1)
    let filled = try fixture.mine(stage) { $0.sampling.refills = true }
    #expect(filled.negatives.count == 8 && Set(filled.negatives).count == 8)
    #expect(filled.negatives[0] == "d1")
    #expect(filled.negatives.dropFirst().allSatisfy { $0.hasPrefix("r") })
    #expect(filled.counts.refilled == 7 && filled.counts.negatives == 8)
    #expect(filled.queries[0].negatives[1].source == "corpus")
    let all = try fixture.mine(stage) {
      $0.sampling.refills = true
      $0.sampling.count = 50
    }
    #expect(Set(all.negatives).count == all.negatives.count)
    #expect(!all.negatives.contains("same") && !all.negatives.contains("p1"))
  }

  /// A document from the corpus keeps its grade.
  @Test func gradesOfWhatIsDrawnFromTheCorpus() throws {
    var fixture = try Fixture(["p1", "d1", "low"])
    fixture.qrels.append(("q1", "low", 1))
    let filled = try fixture.mine(TableStage(ranked: ["d1"])) {
      $0.exclusions.minimumGrade = 2
      $0.sampling.refills = true
    }
    let low = filled.queries[0].negatives.first { $0.id == "low" }
    #expect(low?.label == 1 && low?.isJudged == true && low?.source == "corpus")
    #expect(filled.counts.keptJudged == 1)
  }

  @Test func sharesOfAnySize() throws {
    let fixture = try Fixture(["p1", "a", "b", "c", "d"])
    let mined = try fixture.mine(TableStage(ranked: ["a", "b", "c", "d"])) {
      $0.sampling.strategy = .rankBands([2, 4], shares: [1e308, 1e308])
      $0.sampling.count = 2
    }
    #expect(mined.negatives == ["a", "c"])
  }
}
