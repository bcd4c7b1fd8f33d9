import Foundation
import Ranking
import TestSupport
import Testing

/// Tests of significance against scipy's values, and by hand.
@Suite struct ComparisonTests {
  struct Fixture: Decodable {
    struct Test: Decodable {
      let differences: [Double]
      let t: Double
      let p: Double
      let exact: Double?
      let drawn: Double?
    }
    /// t, degrees of freedom, P(|T| ≥ t).
    let twoSided: [[Double]]
    /// a, b, x, I_x(a, b).
    let beta: [[Double]]
    let tests: [Test]

    /// Fixtures/statistics.json, made by Fixtures/make_statistics.py.
    static func read() throws -> Fixture {
      let file = Material.package.appending(path: "Tests/RankingTests/Fixtures/statistics.json")
      return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }
  }

  /// A generator that does for tests, from Knuth's constants.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
    }
  }

  /// The logarithms of Γ that scale the fraction are of the size of a log a; their rounding is what
  /// is lost: at a = 50,000 some 5e5 · 2⁻⁵² = 1e-10, below 1,000 some 1e-12.
  @Test func theTDistributionIsScipys() throws {
    let values = try Fixture.read().twoSided
    #expect(values.count == 110)
    for row in values {
      let (t, degrees, p) = (row[0], row[1], row[2])
      let found = TTest.twoSided(t, degreesOfFreedom: degrees)
      let tolerance = (degrees > 1000 ? 2e-10 : 2e-12) * p
      #expect(abs(found - p) <= tolerance, "t \(t), \(degrees) degrees: \(found), not \(p)")
    }
  }

  @Test func theIncompleteBetaFunctionIsScipys() throws {
    let rows = try Fixture.read().beta
    #expect(rows.count > 20)
    for row in rows {
      let found = incompleteBeta(row[0], row[1], x: row[2], complement: 1 - row[2])
      // 1 − x is rounded at x = 1e-9, to 1e-16 of 1.
      #expect(abs(found - row[3]) <= 2e-12 * row[3], "\(row): \(found)")
    }
    #expect(incompleteBeta(2, 3, x: 0, complement: 1) == 0)
    #expect(incompleteBeta(2, 3, x: 1, complement: 0) == 1)
  }

  @Test func pairedTTestsAreScipys() throws {
    for test in try Fixture.read().tests {
      let found = TTest(test.differences)
      #expect(abs(found.statistic - test.t) <= 1e-12 * max(1, abs(test.t)))
      #expect(abs(found.p - test.p) <= 1e-12)
      #expect(found.degreesOfFreedom == test.differences.count - 1)
    }
  }

  @Test func tTestsOfDifferencesThatAreAllTheSame() {
    #expect(TTest([]).p == 1)
    #expect(TTest([0.3]).p == 1)
    #expect(TTest([0, 0, 0]).p == 1)
    #expect(TTest([0.1, 0.1, 0.1]).p == 0 && TTest([0.1, 0.1, 0.1]).statistic == .infinity)
    #expect(TTest([-0.1, -0.1]).statistic == -.infinity)
  }

  /// Few pairs: every way to set the signs, as scipy counts them. Many: 20,000 draws, whose p is
  /// within four standard errors, √(p (1 − p) / 20,000), of that of a million.
  @Test func randomizationTestsAreScipys() throws {
    var (exact, drawn) = (0, 0)
    for test in try Fixture.read().tests {
      var generator = Generator(state: 3)
      let found = RandomizationTest(test.differences, draws: 20_000, using: &generator)
      if let p = test.exact {
        #expect(found.isExact && abs(found.p - p) < 1e-12, "\(found.p), not \(p)")
        exact += 1
      } else if let p = test.drawn {
        let error = (max(p, 0.001) * (1 - p) / 20_000).squareRoot()
        #expect(abs(found.p - p) < 4 * error + 1e-4, "\(found.p), not \(p)")
        drawn += 1
      }
    }
    #expect(exact == 12 && drawn == 6)
  }

  @Test func randomizationTestsByHand() {
    var generator = Generator(state: 1)
    // Of eight ways, +++ and −−− are as far from 0.
    #expect(RandomizationTest([1, 2, 3], draws: 8, using: &generator).p == 0.25)
    #expect(RandomizationTest([0, 0, 0], draws: 8, using: &generator).p == 1)
    #expect(RandomizationTest([], draws: 8, using: &generator).p == 1)
    #expect(RandomizationTest([0.3, 0, -0.3], draws: 8, using: &generator).p == 1)
    // So far from 0 that no draw is: the one observed remains.
    let far = RandomizationTest(
      [Double](repeating: 0.5, count: 90), draws: 999, using: &generator)
    #expect(far.p == 0.001 && !far.isExact && far.draws == 999)
  }

  @Test func theSameSeedDrawsTheSame() {
    let differences = (0..<100).map { sin(Double($0)) + 0.1 }
    let p = (0..<2).map { _ in
      var generator = Generator(state: 9)
      return RandomizationTest(differences, draws: 500, using: &generator).p
    }
    #expect(p[0] == p[1] && p[0] > 0.01 && p[0] < 1)
  }

  @Test func holmByHand() {
    // Sorted 0.01, 0.02, 0.03, 0.5: times 4, 3, 2, 1, and never below one before.
    let found = holm([0.03, 0.01, 0.5, 0.02])
    for (a, b) in zip(found, [0.06, 0.04, 0.5, 0.06]) { #expect(abs(a - b) < 1e-15) }
    #expect(holm([0.6, 0.7]) == [1, 1])
    #expect(holm([0.2]) == [0.2])
    #expect(holm([]) == [])
  }

  private func evaluation(_ grades: [String: [Double?]]) throws -> Evaluation {
    try Evaluation(
      of: grades.map {
        QueryRanking(query: $0.key, ranked: RankedQuery(ranked: $0.value, judged: [1]))
      }, measures: [measure("RR"), measure("P@1")])
  }

  @Test func comparesOnTheQueriesThatBothHave() throws {
    let run = try evaluation(["1": [1], "2": [0, 1], "3": [1], "8": [1]])
    let baseline = try evaluation(["1": [0, 1], "2": [1], "3": [1], "9": [0]])
    let found = Comparison.all(
      run, against: baseline, draws: 100, generator: Generator(state: 1))
    #expect(found.map(\.measure.description) == ["RR", "P@1"])
    #expect(found.allSatisfy { $0.queries == 3 && $0.difference == 0 })
    #expect(found[0].wins == 1 && found[0].ties == 1 && found[0].losses == 1)
    #expect(abs(found[0].mean - 2.5 / 3) < 1e-15 && found[0].mean == found[0].baselineMean)
    #expect(found[0].tTest.p == 1 && found[0].randomizationTest.p == 1)
    let apart = try evaluation(["7": [1]])
    #expect(
      Comparison.all(apart, against: baseline, draws: 9, generator: Generator(state: 1)).isEmpty)
  }
}
