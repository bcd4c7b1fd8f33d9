import Foundation

/// Notices that a model has collapsed: for several steps, all documents of a list get nearly the
/// same score, whatever their text.
///
/// Scores are compared with those of the same phase: the reference is the greatest moving average of
/// their deviation within lists so far. A model that has just got a score head starts with scores
/// that are close together, so that its first steps are no reference by themselves, and a model whose
/// scores are equal to the precision of a Float is collapsed without any.
package struct CollapseWatch: Sendable, Equatable {
  /// The number of steps in a row that make a collapse.
  static let patience = 20
  /// The share of the reference below which scores are nearly alike. Training to a loss with a bound
  /// on its scores shrinks them by less.
  static let share = 0.02
  /// The deviation, relative to the scores' magnitude, below which scores differ only by rounding.
  static let rounding = 1e-6

  private var average: Double?
  private var reference = 0.0
  private var steps = 0
  private var isReported = false

  /// A watch at the start of a phase.
  package init() {}

  /// Adds a step's scores.
  ///
  /// - Returns: the warning, once a phase, at the step that completes a collapse.
  package mutating func warning(_ scores: ListScores, step: Int, phase: String) -> String? {
    guard let deviation = scores.deviation, let magnitude = scores.meanMagnitude else { return nil }
    let smooth = average.map { 0.8 * $0 + 0.2 * deviation } ?? deviation
    average = smooth
    let limit = max(Self.share * reference, Self.rounding * max(magnitude, 1e-3))
    reference = max(reference, smooth)
    guard deviation <= limit else {
      steps = 0
      return nil
    }
    steps += 1
    guard steps >= Self.patience, !isReported else { return nil }
    isReported = true
    return "the scores have collapsed: for \(steps) steps up to step \(step) of \(phase), the "
      + "scores of a list deviate by \(short(deviation)) from their mean, after up to "
      + "\(short(reference)) before. The model orders documents by chance. Lower the learning rate, "
      + "lengthen optimizer.warmup, or continue from a checkpoint before the collapse"
  }

  /// Two significant digits, such as `0.0012`, `3.4` and `1.5e-07`.
  private func short(_ value: Double) -> String { String(format: "%.2g", value) }
}
