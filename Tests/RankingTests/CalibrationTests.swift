import Diagnostics
import Foundation
import Randomness
import Ranking
import TestSupport
import Testing

@Suite struct CalibrationTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      let name: String
      let scores: [Double]
      let relevant: [Bool]
      let platt: [Double]
      let temperatureSlope: Double
      let logLoss: Double
      let brier: Double
    }
    let cases: [Case]
  }

  private func cases() throws -> [Fixture.Case] {
    let file = Material.package.appending(path: "Tests/RankingTests/Fixtures/calibration.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Fixture.self, from: Data(contentsOf: file)).cases
  }

  /// Fixtures/calibration.json, made by Fixtures/make_calibration.py.
  @Test func isWhatScikitLearnAndSciPyFind() throws {
    let cases = try cases()
    #expect(cases.count == 4)
    for item in cases {
      let platt = ScoreMap.fitted(scores: item.scores, relevant: item.relevant)
      #expect(abs(platt.slope - item.platt[0]) < 1e-7 * max(1, abs(item.platt[0])), "\(item.name)")
      #expect(
        abs(platt.intercept - item.platt[1]) < 1e-7 * max(1, abs(item.platt[1])), "\(item.name)")
      let temperature = ScoreMap.fitted(
        scores: item.scores, relevant: item.relevant, fitsIntercept: false)
      #expect(abs(temperature.slope - item.temperatureSlope) < 1e-7, "\(item.name)")
      #expect(temperature.intercept == 0)
      let errors = CalibrationError(
        probabilities: item.scores.map(platt.probability), happened: item.relevant)
      #expect(abs(errors.logLoss - item.logLoss) < 1e-8)
      #expect(abs(errors.brier - item.brier) < 1e-8)
    }
  }

  /// The probabilities of a fit have the mean of its targets, whatever is done to the scores first.
  @Test func followsTheScores() throws {
    let item = try cases()[0]
    let platt = ScoreMap.fitted(scores: item.scores, relevant: item.relevant)
    let moved = ScoreMap.fitted(
      scores: item.scores.map { 100 * $0 - 7000 }, relevant: item.relevant)
    #expect(abs(moved.slope * 100 - platt.slope) < 1e-6)
    for score in [-2, 0, 3.5] {
      #expect(abs(moved.probability(100 * score - 7000) - platt.probability(score)) < 1e-6)
    }
    #expect(abs(platt.score(platt.probability(1.25)) - 1.25) < 1e-9)
  }

  @Test func errorsAreCountedInBins() {
    // Two bins of two: |0.1 + 0.2 − 1| and |0.9 + 0.7 − 1|, over four.
    let error = CalibrationError(
      probabilities: [0.1, 0.2, 0.9, 0.7], happened: [false, true, true, false], bins: 2)
    #expect(abs(error.expected - (0.7 + 0.6) / 4) < 1e-12)
    #expect(abs(error.brier - (0.01 + 0.64 + 0.01 + 0.49) / 4) < 1e-12)
    let sure = CalibrationError(probabilities: [1, 0, 1], happened: [true, false, true])
    #expect(sure.expected == 0 && sure.logLoss == 0 && sure.brier == 0)
    #expect(CalibrationError(probabilities: [0], happened: [true]).logLoss.isFinite)
  }

  @Test func thresholdsCountWhatIsAbove() throws {
    let scores = [3.0, 2, 1, 0, -1, -2]
    let calibration = try Calibration(
      scores: scores, grades: [2, 1, 0, 1, 0, 0], relevantFrom: 1)
    #expect(calibration.candidates == 6 && calibration.relevant == 3)
    for threshold in calibration.thresholds {
      let above = scores.indices.filter { scores[$0] >= threshold.score }
      let hits = above.filter { [0, 1, 3].contains($0) }
      #expect(threshold.candidates == above.count)
      #expect(
        threshold.precision == (above.isEmpty ? 0 : Double(hits.count) / Double(above.count)))
      #expect(threshold.recall == Double(hits.count) / 3)
      #expect(
        abs(calibration.platt.probability(threshold.score) - threshold.probability) < 1e-9)
    }
    #expect(calibration.thresholds.map(\.score) == calibration.thresholds.map(\.score).sorted())
    // Other grades make other things relevant.
    #expect(
      try Calibration(scores: scores, grades: [2, 1, 0, 1, 0, 0], relevantFrom: 2).relevant == 1)
  }

  @Test(arguments: [[0.0, 0, 0], [1, 2, 1]])
  func needsBoth(grades: [Double]) throws {
    let failure = #expect(throws: Failure.self) {
      try Calibration(scores: [1, 2, 3], grades: grades, relevantFrom: 1)
    }
    #expect(failure?.kind == .badData)
  }

  @Test func scoresHaveToBeNumbers() throws {
    #expect(throws: Failure.self) {
      try Calibration(scores: [1, .nan, 3], grades: [0, 1, 0], relevantFrom: 1)
    }
  }
}

@Suite struct BootstrapTests {
  /// Of zeros and ones the means are binomial: the interval is that of the normal distribution, but
  /// for what 2000 draws leave open.
  @Test func isTheIntervalOfAShare() {
    var random = SplitMix64(seed: 3)
    let values = (0..<400).map { $0 < 120 ? 1.0 : 0 }
    let interval = Bootstrap(meanOf: values, draws: 4000, using: &random)
    let deviation = (0.3 * 0.7 / 400).squareRoot()
    #expect(abs(interval.low - (0.3 - 1.96 * deviation)) < 0.004)
    #expect(abs(interval.high - (0.3 + 1.96 * deviation)) < 0.004)
  }

  @Test func isAPointWhereNothingVaries() {
    var random = SplitMix64(seed: 3)
    let interval = Bootstrap(meanOf: [0.25, 0.25, 0.25], using: &random)
    #expect(interval.low == 0.25 && interval.high == 0.25)
    let single = Bootstrap(meanOf: [2], draws: 1, using: &random)
    #expect(single.low == 2 && single.high == 2)
  }

  @Test func startsFromItsGenerator() {
    var (a, b) = (SplitMix64(seed: 1), SplitMix64(seed: 1))
    let values = (0..<30).map { Double($0 * $0 % 17) }
    #expect(Bootstrap(meanOf: values, using: &a) == Bootstrap(meanOf: values, using: &b))
  }
}
