import Ranking
import Testing

@Suite struct FusionTests {
  /// The formula, written out: z = (x − mean) / sqrt(mean of squared differences).
  private func z(_ x: [Double]) -> [Double] {
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    let deviation = (x.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / n).squareRoot()
    return x.map { ($0 - mean) / deviation }
  }

  @Test func addsWhatIsNormalised() {
    let model = [2.0, -1, 0.5, 7]
    let firstStage = [11.0, 12, 9, 3]
    let expected = zip(z(model), z(firstStage)).map { 0.7 * $0 + 0.3 * $1 }
    let scores = Fusion(weight: 0.3).scores(model: model, firstStage: firstStage)
    // Sums of four numbers near 1, in another order: a few units of 2⁻⁵³.
    for (a, b) in zip(scores, expected) { #expect(abs(a - b) < 1e-14) }
  }

  @Test func scaleAndLevelSayNothing() {
    let model = [2.0, -1, 0.5, 7]
    let firstStage = [11.0, 12, 9, 3]
    let fusion = Fusion(weight: 0.6)
    let plain = fusion.scores(model: model, firstStage: firstStage)
    let moved = fusion.scores(
      model: model.map { 1000 * $0 - 4 }, firstStage: firstStage.map { 1e-3 * $0 + 8 })
    for (a, b) in zip(plain, moved) { #expect(abs(a - b) < 1e-10) }
  }

  @Test func constantScoresAreZeros() {
    // 0.1 three times has a mean that is not 0.1, so a computed deviation would not be 0.
    let scores = Fusion(weight: 0.5).scores(model: [0.1, 0.1, 0.1], firstStage: [1, 2, 3])
    #expect(scores[1] == 0)
    #expect(scores[0] == -scores[2])
    #expect(Fusion(weight: 0.5).scores(model: [4], firstStage: [2]) == [0])
    #expect(Fusion(weight: 0.5).scores(model: [], firstStage: []) == [])
  }

  @Test func hugeScoresStayFinite() {
    let scores = Fusion(weight: 0).scores(
      model: [-Double.greatestFiniteMagnitude, 0, .greatestFiniteMagnitude], firstStage: [1, 1, 1])
    #expect(abs(scores[2] - 1.5.squareRoot()) < 1e-14)
    #expect(scores[1] == 0)
  }

  @Test func findsTheBestWeight() throws {
    // The relevant document is second for the model by a little, first for the first stage by much.
    let helped = Fusion.Candidates(
      documents: ["a", "b", "c"], model: [1.0, 0.9, -2], firstStage: [1, 5, 0],
      judgments: ["b": 1])
    // The model is right here and the first stage wrong.
    let harmed = Fusion.Candidates(
      documents: ["a", "b", "c"], model: [3, 0, 0.1], firstStage: [0, 1, 0.9], judgments: ["a": 1])
    let measure = try Measure(parsing: "RR")
    #expect(try Fusion.best(queries: [harmed], measure: measure) == 0)
    #expect(try Fusion.best(queries: [], measure: measure) == 0)
    let best = try Fusion.best(queries: [helped, harmed], measure: measure)
    #expect(best > 0 && best < 1)
    // Every smaller weight is worse, and no greater one better.
    func mean(_ weight: Double) throws -> Double {
      try [helped, harmed].map { query in
        let scores = Fusion(weight: weight).scores(
          model: query.model, firstStage: query.firstStage)
        return measure.value(
          of: try RankedQuery(
            zip(query.documents, scores).map { ($0, $1) }, judgments: query.judgments))
      }.reduce(0, +)
    }
    for weight in Fusion.grid {
      let value = try mean(weight)
      #expect(weight < best ? value < (try mean(best)) : value <= (try mean(best)))
    }
  }
}
