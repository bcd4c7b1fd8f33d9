import Foundation

/// Errors of probabilities relative to binary outcomes.
public struct CalibrationError: Sendable, Equatable {
  /// The expected calibration error: over bins of equal width, the distance between the mean
  /// probability and the share of relevant candidates, weighted by the bins' sizes (Guo et al.
  /// 2017, On Calibration of Modern Neural Networks).
  public let expected: Double
  /// The mean negative logarithm of the outcome's probability.
  public let logLoss: Double
  /// The mean squared distance from the outcome (Brier 1950).
  public let brier: Double

  /// The errors of probabilities from 0 to 1, at least one, with their outcomes.
  public init(probabilities: [Double], happened: [Bool], bins: Int = 15) {
    precondition(
      probabilities.count == happened.count && !probabilities.isEmpty && bins > 0,
      "the errors of \(probabilities.count) probabilities in \(bins) bins")
    let count = Double(probabilities.count)
    var sums = [(probability: Double, relevant: Double)](repeating: (0, 0), count: bins)
    var loss = 0.0
    var squares = 0.0
    for (p, did) in zip(probabilities, happened) {
      let bin = min(bins - 1, Int(p * Double(bins)))
      sums[bin].probability += p
      sums[bin].relevant += did ? 1 : 0
      loss -= log(max(did ? p : 1 - p, .leastNormalMagnitude))
      squares += (p - (did ? 1 : 0)) * (p - (did ? 1 : 0))
    }
    expected = sums.reduce(0) { $0 + abs($1.probability - $1.relevant) } / count
    logLoss = loss / count
    brier = squares / count
  }
}
