import Randomness
import Ranking
import Testing

@Suite struct SettingComparisonTests {
  private static let queries = 40

  /// Values of queries that differ from those of a base by `gain` and a bit of noise.
  private static func values(_ gain: Double, _ stream: UInt64) -> [String: Double] {
    var random = SplitMix64(seed: 3, stream: stream)
    var values: [String: Double] = [:]
    for query in 0..<queries {
      let own = 0.3 + 0.4 * Double(query) / Double(queries)
      values["q\(query)"] = own + gain + 0.05 * (random.uniform() - 0.5)
    }
    return values
  }

  /// The p-values are Holm's of the two tests on the means over seeds, computed here one by one.
  @Test func isTheTestsOfMeansOverSeeds() throws {
    let settings = [
      [Self.values(0, 1), Self.values(0, 2)], [Self.values(0.02, 3), Self.values(0.03, 4)],
      [Self.values(0.001, 5)], [], [Self.values(-0.05, 6), Self.values(-0.05, 7)],
    ]
    let generator = SplitMix64(seed: 1)
    let found = SettingComparison.all(settings, with: 0, draws: 2000, generator: generator)
    #expect(found.count == 5 && found[0] == nil && found[3] == nil)
    var (t, r): ([Double], [Double]) = ([], [])
    for place in [1, 2, 4] {
      let names = settings[0][0].keys.sorted()
      let differences = try names.map { query in
        let own = try settings[place].map { try #require($0[query]) }
        let base = try settings[0].map { try #require($0[query]) }
        return own.reduce(0, +) / Double(own.count) - base.reduce(0, +) / 2
      }
      var random = generator
      t.append(TTest(differences).p)
      r.append(RandomizationTest(differences, draws: 2000, using: &random).p)
      // Sums in another order differ in the last bits.
      let mean = differences.reduce(0, +) / Double(differences.count)
      #expect(abs(try #require(found[place]).difference - mean) < 1e-12)
    }
    for (rank, place) in [1, 2, 4].enumerated() {
      let expected = max(holm(t)[rank], holm(r)[rank])
      #expect(abs(try #require(found[place]).p - expected) < 1e-9)
    }
    let better = try #require(found[1])
    #expect(better.p < 0.05 && better.interval.low > 0 && better.queries == 40)
    #expect(try #require(found[2]).p > 0.05)
    #expect(try #require(found[4]).difference < -0.04)
    #expect(better.wins + better.losses <= 40 && better.wins > better.losses)
  }

  /// The more settings there are, the less a difference says.
  @Test func isCorrectedForTheirNumber() throws {
    let one = [[Self.values(0, 1)], [Self.values(0.006, 3)]]
    let many = one + (10..<30).map { [Self.values(0, $0)] }
    let generator = SplitMix64(seed: 1)
    let alone = try #require(SettingComparison.all(one, with: 0, generator: generator)[1])
    let among = try #require(SettingComparison.all(many, with: 0, generator: generator)[1])
    #expect(alone.difference == among.difference && among.p > alone.p * 2)
  }

  @Test func onlySharedQueriesCount() throws {
    let settings: [[[String: Double]]] = [
      [["a": 0.5, "b": 0.5]], [["b": 0.75, "c": 1], ["b": 0.25, "a": 1]], [["z": 1]],
    ]
    let found = SettingComparison.all(settings, with: 0, generator: SplitMix64(seed: 1))
    #expect(found[1]?.queries == 1 && found[1]?.difference == 0 && found[2] == nil)
  }
}
