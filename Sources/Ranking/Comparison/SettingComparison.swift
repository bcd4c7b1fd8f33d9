/// A setting of a sweep compared with another one by a measure, over the queries that both have. A
/// setting's value for a query is the mean of its runs' values, one for each seed.
///
/// The tests ask whether the difference would show on other queries. How much it varies with the
/// seed is told by the deviation of the runs' means, not by them.
package struct SettingComparison: Sendable, Equatable {
  /// The number of queries that both have.
  package let queries: Int
  /// The setting's mean minus that of the other one, over these queries.
  package let difference: Double
  /// The 95 % interval of the difference, by the bootstrap.
  package let interval: Bootstrap
  /// The number of queries for which the setting is better.
  package let wins: Int
  /// The number of queries for which it is worse.
  package let losses: Int
  /// The larger p-value of the paired t-test and the paired randomization test, two-sided, each after
  /// Holm's correction over all settings that are compared.
  package let p: Double

  /// Compares settings with one of them.
  ///
  /// - Parameters:
  ///   - settings: the values of each setting's runs by query; settings without runs are left out.
  ///   - other: the place of the setting that the others are compared with.
  ///   - draws: the number of draws of the randomization test.
  ///   - generator: a generator from whose state every test and interval starts.
  /// - Returns: a comparison for each setting; nil for `other` itself, for settings without runs and
  ///   for those without a query in common.
  package static func all<Generator: RandomNumberGenerator>(
    _ settings: [[[String: Double]]], with other: Int, draws: Int = 10_000, generator: Generator
  ) -> [SettingComparison?] {
    let means = settings.map(Self.mean)
    var differences: [[Double]] = []
    for place in settings.indices {
      guard place != other, let own = means[place], let base = means[other] else {
        differences.append([])
        continue
      }
      let shared = own.keys.filter { base[$0] != nil }.sorted()
      differences.append(shared.map { Comparison.difference(own[$0] ?? 0, base[$0] ?? 0) })
    }
    let compared = settings.indices.filter { !differences[$0].isEmpty }
    let tTests = holm(compared.map { TTest(differences[$0]).p })
    let randomization = holm(
      compared.map {
        var generator = generator
        return RandomizationTest(differences[$0], draws: draws, using: &generator).p
      })
    var result = [SettingComparison?](repeating: nil, count: settings.count)
    for (rank, place) in compared.enumerated() {
      var generator = generator
      let values = differences[place]
      result[place] = SettingComparison(
        queries: values.count, difference: values.reduce(0, +) / Double(values.count),
        interval: Bootstrap(meanOf: values, using: &generator),
        wins: values.count { $0 > 0 }, losses: values.count { $0 < 0 },
        p: max(tTests[rank], randomization[rank]))
    }
    return result
  }

  /// The mean over runs for each query that all of them have; nil without runs.
  private static func mean(_ runs: [[String: Double]]) -> [String: Double]? {
    guard let first = runs.first else { return nil }
    var means: [String: Double] = [:]
    for query in first.keys {
      let values = runs.compactMap { $0[query] }
      if values.count == runs.count { means[query] = values.reduce(0, +) / Double(runs.count) }
    }
    return means
  }
}
