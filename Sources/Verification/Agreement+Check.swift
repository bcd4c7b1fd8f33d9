import Diagnostics
package import Export

extension Agreement {
  /// Compares scores with the model's.
  ///
  /// What rounding changes in a score does not depend on the score: it is a sum of products, whose
  /// terms are as large where they cancel as where they do not. So the tolerance holds for a score of
  /// magnitude 1, grows with a score's magnitude, and for a score near zero is that of the scores'
  /// spread, the largest distance of one from their mean, where that is above 1. Scores that all lie
  /// far from zero do not raise it so.
  package init(_ scores: [Float], with expected: [Float], tolerance: Float) {
    precondition(scores.count == expected.count)
    let spread = Self.spread(of: expected)
    let distances = zip(scores, expected).map { abs($0 - $1) }
    self.init(
      pairs: scores.count,
      difference: distances.contains { $0.isNaN } ? .nan : distances.max() ?? 0,
      tolerance: tolerance,
      isClose: zip(distances, expected).allSatisfy { $0 <= tolerance * max(1, abs($1), spread) })
  }

  /// The largest distance of a score from their mean.
  private static func spread(of scores: [Float]) -> Float {
    let mean = scores.reduce(0, +) / Float(max(scores.count, 1))
    return scores.map { abs($0 - mean) }.max() ?? 0
  }

  /// - Throws: `badData` if a score differs from the model's by more than the tolerance.
  func check(
    by reader: String, _ request: ExportRequest, _ format: ExportFormat
  ) throws(Failure) {
    if isClose { return }
    let stored = format.stored(request.precision)
    throw Failure(
      .badData,
      "scores of the \(format.name) export in \(stored), computed by \(reader), "
        + "differ from the model's by up to \(difference)",
      expected: "at most \(tolerance) for a score of magnitude 1",
      remedy: stored == ExportPrecision.f32.rawValue
        ? "report it, with the configuration of the model"
        : "choose another precision, or raise --tolerance if the difference is acceptable")
  }
}
