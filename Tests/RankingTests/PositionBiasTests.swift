import Foundation
import Randomness
import Ranking
import Testing

@Suite struct PositionBiasTests {
  /// A log of pairs, each shown `showings` times, at positions that jump about a place of its own;
  /// the more relevant pairs stand higher, so that clicks alone make the bias look greater.
  private func simulated(
    pairs: Int, showings: Int, positions: Int, theta: (Int) -> Double, seed: UInt64
  ) -> ClickLog {
    var random = SplitMix64(seed: seed)
    var log = ClickLog()
    for pair in 0..<pairs {
      let home = 1 + random.below(positions)
      let relevance = 0.05 + 0.6 * random.uniform() * (1 - 0.8 * Double(home) / Double(positions))
      for _ in 0..<showings {
        let position = min(positions, max(1, home - 2 + random.below(5)))
        let isClicked = random.uniform() < theta(position) * relevance
        log.add(query: pair / 10, document: pair % 10, position: position, isClicked: isClicked)
      }
    }
    return log
  }

  /// Counts of 60,000 showings: a set of two positions has some 3,000 pairs of weight 1/2 to 1, and
  /// the logarithm of a ratio of two click rates near 0.1 a deviation of √(2 / (3000 · 0.1)) = 0.08
  /// in one set; several sets bear on each θ, and errors add up along the chain to position 1. 0.12
  /// is 1.5 of these.
  @Test(arguments: [1.0, 0.5])
  func findsPropensities(_ eta: Double) throws {
    func theta(_ k: Int) -> Double { pow(Double(k), -eta) }
    let clicks = simulated(pairs: 15_000, showings: 4, positions: 6, theta: theta, seed: 3)
    let bias = try #require(PositionBias(clicks))
    #expect(bias.unlinked.isEmpty && bias.pairs > 10_000)
    #expect(bias.propensities[1] == 1)
    for k in 2...6 {
      let found = try #require(bias.propensities[k])
      #expect(abs(log(found / theta(k))) < 0.12, "position \(k): \(found)")
    }
  }

  /// Pairs that were shown twice each: where each had a relevance of its own, the most likely θ of
  /// the second position would be 0.36 and not 0.5 (two showings with θ = 1 and 0.5 and γ = 0.2).
  @Test func fewShowingsDoNotMislead() throws {
    var random = SplitMix64(seed: 8)
    var log = ClickLog()
    for pair in 0..<40_000 {
      for (position, theta) in [(1, 1.0), (2, 0.5)] {
        log.add(
          query: pair, document: 0, position: position, isClicked: random.uniform() < 0.2 * theta)
      }
    }
    let found = try #require(PositionBias(log)?.propensities[2])
    // 8,000 and 4,000 clicks: the ratio has a deviation of √(1/8000 + 1/4000) = 0.019 of itself.
    #expect(abs(found - 0.5) < 0.03, "\(found)")
  }

  /// One set of two positions has the answer of counting: the ratio of the click rates.
  @Test func twoPositions() throws {
    var log = ClickLog()
    for i in 0..<100 {
      log.add(query: i, document: 1, position: 3, isClicked: i % 5 < 2)
      log.add(query: i, document: 1, position: 7, isClicked: i % 10 == 0)
    }
    let bias = try #require(PositionBias(log))
    #expect(bias.propensities[3] == 1)
    // 40 and 10 clicks. The last change was below 1e-9 of θ, and an iteration takes off at least γ
    // of the distance that is left, here more than 0.1.
    #expect(abs((bias.propensities[7] ?? 0) - 0.25) < 1e-7)
    #expect(bias.pairs == 100)
  }

  @Test func whatCannotBeTold() {
    var log = ClickLog()
    #expect(PositionBias(log) == nil)
    for i in 0..<50 { log.add(query: i, document: 0, position: 1 + i % 2, isClicked: true) }
    #expect(PositionBias(log) == nil, "every pair at one position")
    for i in 0..<50 { log.add(query: i, document: 0, position: 3, isClicked: false) }
    #expect(PositionBias(log) == nil, "nothing was clicked at the third")
    log.add(query: 0, document: 0, position: 2, isClicked: true)
    let bias = PositionBias(log)
    #expect(bias?.propensities.keys.sorted() == [1, 2])
    #expect(bias?.unlinked == [3])
  }
}
