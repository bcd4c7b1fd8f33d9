/// A sum of the trained weights and those of the base, as dev values it.
package struct BaseSum: Sendable {
  /// The share of the trained weights: 0 for the base itself.
  package var share: Double
  /// The scores of dev's candidates.
  package var scores: [Double]
  /// The mean of the selecting measure.
  package var value: Double
  /// The selecting measure by query.
  package var values: [Double]

  package init(share: Double, scores: [Double] = [], value: Double, values: [Double]) {
    (self.share, self.scores, self.value, self.values) = (share, scores, value, values)
  }

  /// The place of the sum to keep: the one with the highest mean, and the first of equal ones. If the
  /// last one is the base itself, it stays unless another one is better.
  package static func chosen(among sums: [BaseSum]) -> Int {
    var best = 0
    for place in sums.indices where sums[place].value > sums[best].value { best = place }
    guard let base = sums.last, base.share == 0, sums[best].value <= base.value else { return best }
    return sums.count - 1
  }
}
