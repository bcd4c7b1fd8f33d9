package import Diagnostics
package import Ranking

/// The weights of a linear fusion of signals, fitted to judgments and cross-validated by query.
///
/// Three rules are compared on queries that they were not fitted to: equal weights, the best single
/// signal, and fitted weights. Fitted weights are taken only where their mean exceeds the better of
/// the simple rules by more than one standard error of the paired differences, so that few
/// judgments do not give weight to noise (the one-standard-error rule: Breiman et al. 1984,
/// "Classification and regression trees").
package struct SignalWeights: Sendable, Equatable {
  /// What the weights come from.
  package enum Rule: String, Sendable, CaseIterable {
    /// The same weight for all signals.
    case equal
    /// All weight on the signal with the best mean.
    case single
    /// Coordinate ascent on the measure.
    case fitted
  }

  /// The chosen rule.
  package let rule: Rule
  /// One weight of at least 0 for each signal; they sum to 1, `[signals]`.
  package let weights: [Double]
  /// The weights that the ascent finds on all queries, taken or not, `[signals]`.
  package let fitted: [Double]
  /// The number of judged queries.
  package let queries: Int
  /// The mean of the measure by each rule over all queries, each query measured with weights from
  /// the other folds.
  package let crossValidated: [Rule: Double]
  /// The mean of the measure by the fitted weights of the other folds, `[folds]`.
  package let foldValues: [Double]
  /// The mean of the fitted weights on the queries they were fitted to, which is optimistic.
  package let fittedValue: Double
  /// The standard error of the mean difference between fitted weights and the better simple rule.
  package let standardError: Double

  /// Fits weights.
  ///
  /// Folds do not depend on the order of the queries: queries are dealt out in the order of a hash
  /// of their ids.
  ///
  /// - Parameters:
  ///   - queries: judged queries, each with the same signals.
  ///   - folds: the number of folds, 2 or more.
  ///   - source: the file of the judgments, for messages.
  /// - Throws: `badData` for fewer queries than folds.
  package init(
    _ queries: [SignalScores], measure: Measure, folds: Int, source: String? = nil
  ) throws(Failure) {
    guard queries.count >= folds else {
      throw Failure(
        .badData, "weights cannot be fitted to \(queries.count) judged queries in \(folds) folds",
        at: source.map { Place($0) }, expected: "a judged query for each fold at least",
        remedy: "judge more queries, or use fewer folds")
    }
    let signals = queries[0].values.count
    precondition(folds > 1 && signals > 1, "SignalWeights: two folds and two signals or more")
    precondition(queries.allSatisfy { $0.values.count == signals }, "SignalWeights: other signals")
    var search = SignalSearch(queries, signals: signals, measure: measure)
    var held: [Rule: [Double]] = [:]
    for rule in Rule.allCases { held[rule] = .init(repeating: 0, count: queries.count) }
    var foldValues: [Double] = []
    for fold in Self.folds(of: queries.map(\.query), count: folds) {
      let out = Set(fold)
      let others = queries.indices.filter { !out.contains($0) }
      let units: [Rule: [Int]] = [
        .equal: search.equal, .single: search.bestSingle(on: others),
        .fitted: search.ascent(on: others),
      ]
      for (rule, units) in units {
        let values = search.values(units)
        for place in fold { held[rule]?[place] = values[place] }
      }
      foldValues.append(Self.mean(fold.map { held[.fitted]?[$0] ?? 0 }))
    }
    let means = held.mapValues(Self.mean)
    let simple: Rule = means[.single, default: 0] > means[.equal, default: 0] ? .single : .equal
    let gains = zip(held[.fitted] ?? [], held[simple] ?? []).map { $0 - $1 }
    let error = Self.standardError(gains)
    let all = Array(queries.indices)
    let ascended = search.ascent(on: all)
    let rule: Rule = Self.mean(gains) > error ? .fitted : simple
    self.rule = rule
    weights =
      switch rule {
      case .equal: search.weights(search.equal)
      case .single: search.weights(search.bestSingle(on: all))
      case .fitted: search.weights(ascended)
      }
    fitted = search.weights(ascended)
    self.queries = queries.count
    crossValidated = means
    self.foldValues = foldValues
    fittedValue = Self.mean(search.values(ascended))
    standardError = error
  }

  /// The places of the queries of each fold.
  static func folds(of queries: [String], count: Int) -> [[Int]] {
    var folds = [[Int]](repeating: [], count: count)
    // FNV-1a: the same on every machine, unlike the standard library's seeded hashes.
    let hashes = queries.map { query in
      query.utf8.reduce(0xcbf2_9ce4_8422_2325) { (hash: UInt64, byte) in
        (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
    }
    let order = queries.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    for (number, place) in order.enumerated() { folds[number % count].append(place) }
    return folds
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }

  private static func standardError(_ values: [Double]) -> Double {
    guard values.count > 1 else { return .infinity }
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
  }
}
