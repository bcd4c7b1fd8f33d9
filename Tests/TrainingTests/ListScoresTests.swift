import Testing

import Training

/// What the scores of a step say.
@Suite struct ListScoresTests {
  private func scores(_ scores: [Double], _ labels: [Double], _ offsets: [Int]) -> ListScores {
    var result = ListScores()
    result.add(scores: scores.span, labels: labels.span, offsets: offsets.span)
    return result
  }

  /// Two lists: 2 > 0 > 1 by labels with the scores 3, 3, 1, and a list of equal labels.
  @Test func pairsAndDeviation() throws {
    let found = scores([3, 3, 1, 5, 5], [2, 0, 1, 1, 1], [0, 3, 5])
    // In order: 2 before 1; a tie: 2 and 0; not in order: 1 before 0.
    #expect(found.orderedShare == 0.5)
    // The deviation of 3, 3, 1 is √(8/9), that of 5, 5 is 0.
    let deviation = try #require(found.deviation)
    let expected: Double = (8.0 / 9).squareRoot() / 2
    #expect(abs(deviation - expected) < 1e-15)
    let magnitude: Double = (7.0 / 3 + 5) / 2
    #expect(found.meanMagnitude == magnitude)
  }

  /// With a first stage, the sums are in order or not, and the model's own scores deviate.
  @Test func sumsWithAFirstStage() throws {
    var found = ListScores()
    let (own, sums, labels, offsets): ([Double], [Double], [Double], [Int]) = (
      [1, 2, 3], [6, 5, 4], [2, 1, 0], [0, 3]
    )
    found.add(scores: own.span, sums: sums.span, labels: labels.span, offsets: offsets.span)
    #expect(found.orderedShare == 1)
    let deviation = try #require(found.deviation)
    let expected: Double = (2.0 / 3).squareRoot()
    #expect(abs(deviation - expected) < 1e-15)
    #expect(found.meanMagnitude == 2)
  }

  @Test func nothingToSay() {
    #expect(ListScores().orderedShare == nil && ListScores().deviation == nil)
    let single = scores([1], [1], [0, 1])
    #expect(single.orderedShare == nil && single.deviation == nil)
    let empty = scores([], [], [0])
    #expect(empty == ListScores())
    #expect(scores([1, 2], [1, 1], [0, 2]).orderedShare == nil)
  }

  private func warnings(_ deviations: [Double], magnitude: Double = 1) -> [Int] {
    var watch = CollapseWatch()
    return deviations.enumerated().compactMap { step, deviation in
      let list = scores([magnitude - deviation, magnitude + deviation], [0, 1], [0, 2])
      let text = watch.warning(list, step: step, phase: "training")
      if let text { #expect(text.contains("training") && text.contains("learning rate")) }
      return text == nil ? nil : step
    }
  }

  /// A collapse is told at the twentieth step of nearly equal scores, and once.
  @Test func collapse() {
    let healthy = [Double](repeating: 1, count: 10)
    let flat = [Double](repeating: 0.01, count: 60)
    #expect(warnings(healthy + flat) == [29])
    // Scores that are equal to rounding need no reference.
    #expect(warnings([Double](repeating: 0, count: 25)) == [19])
    #expect(warnings([Double](repeating: 1e-8, count: 25), magnitude: 3) == [19])
  }

  /// A newly initialised head starts with scores that are close together, a bounded loss shrinks
  /// them, and single steps of equal scores are no collapse.
  @Test func noCollapse() {
    #expect(warnings((0..<100).map { 0.001 * Double($0 + 1) }).isEmpty)
    #expect(warnings((0..<300).map { max(0.2, 5 - 0.05 * Double($0)) }).isEmpty)
    #expect(warnings((0..<200).map { $0 % 15 == 0 ? 1 : 0.001 }).isEmpty)
  }
}
