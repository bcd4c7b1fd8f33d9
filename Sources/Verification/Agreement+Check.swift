import Diagnostics
import Export

extension Agreement {
  /// Compares scores with the model's.
  init(_ scores: [Float], with expected: [Float], tolerance: Float) {
    precondition(scores.count == expected.count)
    let distances = zip(scores, expected).map { abs($0 - $1) }
    self.init(
      pairs: scores.count,
      difference: distances.contains { $0.isNaN } ? .nan : distances.max() ?? 0,
      tolerance: tolerance,
      isClose: zip(distances, expected).allSatisfy { $0 <= tolerance * max(1, abs($1)) })
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
