import Foundation

/// A mapping from scores to probabilities of relevance: σ(slope · score + intercept).
public struct ScoreMap: Sendable, Equatable {
  /// The factor of the score; 1/temperature.
  public var slope: Double
  /// The summand.
  public var intercept: Double

  /// A map with these coefficients.
  public init(slope: Double, intercept: Double) {
    self.slope = slope
    self.intercept = intercept
  }

  /// The unscaled score: σ(score).
  public static let identity = ScoreMap(slope: 1, intercept: 0)

  /// The probability of relevance at a score.
  public func probability(_ score: Double) -> Double {
    logistic(slope * score + intercept)
  }

  /// The score at which the probability is `p`; the slope must not be 0.
  public func score(_ p: Double) -> Double { (log(p / (1 - p)) - intercept) / slope }
}

extension ScoreMap {
  /// The maximum-likelihood map for scores with binary relevance (Platt 1999, Probabilistic Outputs
  /// for Support Vector Machines), by Newton's method with backtracking as in Lin, Lin & Weng 2007
  /// (A Note on Platt's Probabilistic Outputs).
  ///
  /// Judgments are not completely certain: instead of 1 and 0 the targets are (n₊ + 1)/(n₊ + 2) and
  /// 1/(n₋ + 2), so that the map stays finite if a score separates the classes. O(iterations ·
  /// scores).
  ///
  /// - Parameters:
  ///   - scores: at least one, all finite.
  ///   - relevant: one for each score.
  ///   - fitsIntercept: false for a temperature only: the intercept is then 0, and score 0 has
  ///     probability ½.
  public static func fitted(
    scores: [Double], relevant: [Bool], fitsIntercept: Bool = true
  ) -> ScoreMap {
    precondition(
      scores.count == relevant.count && !scores.isEmpty && scores.allSatisfy(\.isFinite),
      "a calibration of \(scores.count) scores and \(relevant.count) labels")
    let positives = Double(relevant.count { $0 })
    let negatives = Double(scores.count) - positives
    let targets = relevant.map { $0 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2) }
    var map =
      fitsIntercept
      ? ScoreMap(slope: 0, intercept: log((positives + 1) / (negatives + 1)))
      : ScoreMap(slope: 0, intercept: 0)
    var loss = map.loss(scores, targets)
    for _ in 0..<100 {
      let step = map.newtonStep(scores, targets, fitsIntercept: fitsIntercept)
      guard max(abs(step.gradient.slope), abs(step.gradient.intercept)) > 1e-9,
        abs(step.slope) > 1e-15 * abs(map.slope) || abs(step.intercept) > 1e-15 * abs(map.intercept)
      else { break }
      // Near the optimum a step changes the loss by less than its rounding error.
      let slack = 1e-13 * loss
      var length = 1.0
      var next = map
      var nextLoss = loss
      repeat {
        next = ScoreMap(
          slope: map.slope + length * step.slope,
          intercept: map.intercept + length * step.intercept)
        nextLoss = next.loss(scores, targets)
        if nextLoss <= loss + 1e-4 * length * step.descent + slack { break }
        length /= 2
      } while length > 1e-10
      // No descent step is left: this is the numerical precision.
      guard nextLoss <= loss + slack else { break }
      (map, loss) = (next, nextLoss)
    }
    return map
  }

  private struct Step {
    var slope: Double
    var intercept: Double
    var gradient: (slope: Double, intercept: Double)
    /// The directional derivative of the loss along the step, negative.
    var descent: Double
  }

  /// The cross-entropy, as a sum.
  private func loss(_ scores: [Double], _ targets: [Double]) -> Double {
    var sum = 0.0
    for (score, target) in zip(scores, targets) {
      let x = slope * score + intercept
      // log(1 + exp(x)) − target · x, without overflow.
      sum += max(x, 0) + log1p(exp(-abs(x))) - target * x
    }
    return sum
  }

  private func newtonStep(
    _ scores: [Double], _ targets: [Double], fitsIntercept: Bool
  ) -> Step {
    // The constant that Lin et al. add to the diagonal, so that it is always invertible.
    var (h11, h22, h12) = (1e-12, 1e-12, 0.0)
    var (g1, g2) = (0.0, 0.0)
    for (score, target) in zip(scores, targets) {
      let p = probability(score)
      let curvature = p * (1 - p)
      h11 += score * score * curvature
      h22 += curvature
      h12 += score * curvature
      g1 += score * (p - target)
      g2 += p - target
    }
    if !fitsIntercept { (h12, h22, g2) = (0, 1, 0) }
    let determinant = h11 * h22 - h12 * h12
    let slope = -(h22 * g1 - h12 * g2) / determinant
    let intercept = -(h11 * g2 - h12 * g1) / determinant
    return Step(
      slope: slope, intercept: intercept, gradient: (g1, g2),
      descent: g1 * slope + g2 * intercept)
  }
}
