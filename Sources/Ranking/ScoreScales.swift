/// Scores of different models and stages on a common scale, over the candidates of one query.
package enum ScoreScales {
  /// Scores scaled to 0…1, from the lowest to the highest, `[n]`; nil if all are the same or there
  /// are none, so that no scale is defined.
  package static func unit(_ scores: [Double]) -> [Double]? {
    guard let least = scores.min(), let greatest = scores.max(), least < greatest else {
      return nil
    }
    // Halved first, so that differences stay within range on any scale.
    return scores.map { ($0 / 2 - least / 2) / (greatest / 2 - least / 2) }
  }

  /// Standardised scores: minus the mean, divided by the population's standard deviation, `[n]`;
  /// zeros if all are the same.
  package static func standard(_ scores: [Double]) -> [Double] {
    // Scaled to 0…1 first, so that sums of squares stay within range as well.
    guard let unit = unit(scores) else { return scores.map { _ in 0 } }
    let mean = unit.reduce(0, +) / Double(unit.count)
    let variance = unit.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(unit.count)
    return unit.map { ($0 - mean) / variance.squareRoot() }
  }
}
