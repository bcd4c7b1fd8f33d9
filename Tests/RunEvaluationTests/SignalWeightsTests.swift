import Corpora
import Diagnostics
import Ranking
import RunEvaluation
import Testing

@Suite struct SignalWeightsTests {
  /// A small generator of numbers in 0..<1 (Knuth's MMIX constants).
  private struct Numbers {
    var state: UInt64

    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31)
    }
  }

  private func ranking(_ scores: KeyValuePairs<String, Double>) -> [ScoredDocument] {
    scores.map { ScoredDocument(document: $0.key, score: $0.value) }
  }

  /// Queries with ten documents, the first of which is relevant: a signal's score is uniform noise,
  /// plus its gain for the relevant document.
  private func queries(_ count: Int, gains: [Double], seed: UInt64) throws -> [SignalScores] {
    var numbers = Numbers(state: seed)
    return try (0..<count).map { query in
      let rankings = gains.map { gain in
        (0..<10).map {
          ScoredDocument(document: "d\($0)", score: numbers.next() + ($0 == 3 ? gain : 0))
        }
      }
      return try SignalScores("q\(query)", rankings: rankings, judgments: [("d3", 1)])
    }
  }

  private let measure: Measure

  init() throws { measure = try Measure(parsing: "nDCG@10") }

  @Test func valuesByHand() throws {
    // Scores 3 and 1: mean 2, deviation 1. The third document is missing from the first signal and
    // gets its lowest value; the second signal finds one document, which has no scale.
    let scores = try SignalScores(
      "q", rankings: [ranking(["a": 3, "b": 1]), ranking(["c": 7])], judgments: [("c", 1)])
    #expect(scores.documents == ["a", "b", "c"])
    #expect(scores.values == [[1, -1, -1], [0, 0, 0]])
    let reciprocal = try Measure(parsing: "RR")
    // c and b tie at -1, and the higher id stands first, as in trec_eval.
    #expect(scores.measured(reciprocal, weights: [1, 0]) == 1 / 2.0)
    #expect(scores.measured(reciprocal, weights: [0, 1]) == 1)
  }

  @Test func sumsByHand() throws {
    let scores = try SignalScores(
      "q", rankings: [ranking(["a": 3, "b": 1]), ranking(["b": 3, "a": 1])],
      judgments: [("b", 1)])
    let reciprocal = try Measure(parsing: "RR")
    // a: w1 - w2; b: w2 - w1.
    #expect(scores.measured(reciprocal, weights: [0.6, 0.4]) == 1 / 2.0)
    #expect(scores.measured(reciprocal, weights: [0.4, 0.6]) == 1)
  }

  @Test func unequalSignalsGetUnequalWeights() throws {
    let weights = try SignalWeights(
      queries(200, gains: [0.6, 0, 0], seed: 1), measure: measure, folds: 5)
    #expect(weights.rule != .equal)
    #expect(weights.weights[0] > 0.7, "\(weights)")
    #expect(weights.weights.allSatisfy { $0 >= 0 })
    #expect(abs(weights.weights.reduce(0, +) - 1) < 1e-12)
    #expect(weights.foldValues.count == 5 && weights.queries == 200)
  }

  @Test func fittedWeightsAreTakenWhereTheyGain() throws {
    // Both informative, one more so, and noise: neither simple rule is best.
    let weights = try SignalWeights(
      queries(600, gains: [0.5, 0.35, 0, 0], seed: 2), measure: measure, folds: 5)
    #expect(weights.rule == .fitted, "\(weights)")
    #expect(weights.weights == weights.fitted)
    #expect(weights.fitted[0] > weights.fitted[2] && weights.fitted[1] > weights.fitted[3])
    let values = weights.crossValidated
    #expect(try #require(values[.fitted]) > max(try #require(values[.equal]), values[.single] ?? 0))
  }

  @Test func noiseIsSeldomFitted() throws {
    // Weights that fit a few queries of pure noise look better on these than on held-out ones.
    var optimism = 0.0
    var taken = 0
    let seeds: ClosedRange<UInt64> = 1...20
    for seed in seeds {
      let weights = try SignalWeights(
        queries(12, gains: [0, 0, 0], seed: seed), measure: measure, folds: 4)
      let held = try #require(weights.crossValidated[.fitted])
      optimism += (weights.fittedValue - held) / Double(seeds.count)
      if weights.rule == .fitted {
        taken += 1
        let simple = max(weights.crossValidated[.equal] ?? 0, weights.crossValidated[.single] ?? 0)
        #expect(held - simple > weights.standardError)
      }
    }
    #expect(optimism > 0.03, "\(optimism)")
    // A normal difference without a mean exceeds one standard error in 16 of 100 cases.
    #expect(taken <= 4, "\(taken)")
  }

  @Test func orderOfQueriesDoesNotMatter() throws {
    let queries = try queries(40, gains: [0.5, 0.2], seed: 3)
    let weights = try SignalWeights(queries, measure: measure, folds: 5)
    let reversed = try SignalWeights(queries.reversed(), measure: measure, folds: 5)
    #expect(weights.weights == reversed.weights && weights.rule == reversed.rule)
  }

  @Test func equalSignalsKeepEqualWeights() throws {
    // The same ranking three times: no weights are better than others.
    let queries = try (0..<10).map { query in
      try SignalScores(
        "q\(query)",
        rankings: .init(repeating: ranking(["a": 2, "b": 1, "c": 0]), count: 3),
        judgments: [("b", 1)])
    }
    let weights = try SignalWeights(queries, measure: measure, folds: 5)
    #expect(weights.rule == .equal && weights.fitted == weights.weights)
    let third = 1 / 3.0
    #expect(weights.weights == [third, third, third])
  }

  @Test func badInput() throws {
    #expect(throws: Failure.self) {
      try SignalWeights(queries(3, gains: [1, 0], seed: 1), measure: measure, folds: 5)
    }
    #expect(throws: Failure.self) {
      try SignalScores("q", rankings: [ranking(["a": .infinity])], judgments: [])
    }
  }
}
