/// Scores of different models and stages brought to one scale, over the candidates of one query.
package enum ScoreScales {
  /// From 0 for the lowest score to 1 for the highest, `[n]`; nil where all are the same, or there
  /// are none, and so no scale is given.
  package static func unit(_ scores: [Double]) -> [Double]? {
    guard let least = scores.min(), let greatest = scores.max(), least < greatest else {
      return nil
    }
    // Halves, so that differences stay within range whatever the scale.
    return scores.map { ($0 / 2 - least / 2) / (greatest / 2 - least / 2) }
  }

  /// Scores less their mean, over their deviation (that of the whole population), `[n]`; zeros
  /// where all are the same.
  package static func standard(_ scores: [Double]) -> [Double] {
    // Brought to 0…1 first, so that sums of squares stay within range as well.
    guard let unit = unit(scores) else { return scores.map { _ in 0 } }
    let mean = unit.reduce(0, +) / Double(unit.count)
    let variance = unit.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(unit.count)
    return unit.map { ($0 - mean) / variance.squareRoot() }
  }
}
