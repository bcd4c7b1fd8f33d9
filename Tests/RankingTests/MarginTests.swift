import Ranking
import Testing

@Suite struct MarginTests {
  /// Negatives as they come nearer to a positive of 2, and to one below 0, where a share of the
  /// score goes down as well: −4 − 0.25 · 4 = −5.
  @Test(
    arguments: [
      (Margins(), 2.0, 3.0, nil), (Margins(relative: 0), 2, 2, nil),
      (Margins(relative: 0), 2, 2.5, .relative), (Margins(relative: 0.25), 2, 1.5, nil),
      (Margins(relative: 0.25), 2, 1.51, .relative), (Margins(relative: 0.25), -4, -5, nil),
      (Margins(relative: 0.25), -4, -4.9, .relative), (Margins(absolute: 1), 2, 1, nil),
      (Margins(absolute: 1), 2, 1.5, .absolute),
      (Margins(absolute: 1, relative: 0.5), 4, 2.5, .relative),
      (Margins(relative: 0.25), 2, .nan, .relative), (Margins(absolute: 1), 2, .nan, .absolute),
    ] as [(Margins, Double, Double, Margins.Kind?)])
  func broken(_ margins: Margins, _ positive: Double, _ negative: Double, _ kind: Margins.Kind?) {
    #expect(margins.broken(by: negative, positive: positive) == kind)
    if negative != 1.51 {
      #expect(margins.broken(by: Float(negative), positive: Float(positive)) == kind)
    }
  }

  /// Scores in 32 bits are compared in 32 bits, with the margin rounded to them.
  @Test func precisionOfTheScores() {
    let limit = Float(1) - Float(0.05)
    #expect(Margins(relative: 0.05).broken(by: limit, positive: 1) == nil)
    #expect(Margins(relative: 0.05).broken(by: limit.nextUp, positive: 1) == .relative)
  }
}

@Suite struct ScoreScaleTests {
  /// Mean 3 and variance 2 of 1…5; the scale does not depend on how large the numbers are.
  @Test func standard() {
    let expected = [-2, -1, 0, 1, 2].map { $0 / 2.0.squareRoot() }
    for scale in [1, 1e-300, 3e307] {
      let found = ScoreScales.standard([1, 2, 3, 4, 5].map { $0 * scale })
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-12) }
    }
    #expect(ScoreScales.standard([7, 7]) == [0, 0] && ScoreScales.standard([]).isEmpty)
  }

  @Test func unit() {
    #expect(ScoreScales.unit([-2, 2, 0]) == [0, 1, 0.5])
    #expect(ScoreScales.unit([-1e308, 1e308, 0]) == [0, 1, 0.5])
    #expect(ScoreScales.unit([7, 7]) == nil && ScoreScales.unit([]) == nil)
  }
}
