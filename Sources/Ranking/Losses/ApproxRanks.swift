import Foundation

/// Differentiable ranks: r̂_i = ½ + Σ_j σ(α (s_j − s_i)), j over all items, i included (Qin et al.
/// 2010).
struct ApproxRanks: Sendable {
  static let option = LossOption(
    "alpha", .number(default: 10, range: 1e-3...1e4),
    "sharpness of the ranks: larger values approach true ranks but flatten the gradient")

  let alpha: Double

  init(_ options: LossOptions) { alpha = options.number("alpha") }

  /// Calls `slope` for ∂value/∂rank at the differentiable rank of each item for which `isWanted` is
  /// true, and adds the resulting gradient of the scores. `second` is overwritten. O(n) per item.
  @inline(__always)
  func forEachRank(
    of list: inout ScoredList, where isWanted: (_ item: Int, borrowing ScoredList) -> Bool,
    slope: (_ item: Int, _ rank: Double, borrowing ScoredList) -> Double
  ) {
    let count = list.count
    for i in 0..<count where isWanted(i, list) {
      let score = list.scores[i]
      var rank = 0.5
      for j in 0..<count {
        // second: the slope of σ, σ (1 − σ), stored for the gradient.
        let (above, below) = split(alpha * (list.scores[j] - score))
        rank += above
        list.second[j] = above * below
      }
      let pull = alpha * slope(i, rank, list)
      for j in 0..<count where j != i {
        list.gradient[j] += pull * list.second[j]
        list.gradient[i] -= pull * list.second[j]
      }
    }
  }

  /// σ(x) and 1 − σ(x), each to full precision.
  @inline(__always)
  private func split(_ x: Double) -> (above: Double, below: Double) {
    let small = exp(-abs(x))
    let (greater, lesser) = (1 / (1 + small), small / (1 + small))
    return x >= 0 ? (greater, lesser) : (lesser, greater)
  }
}

extension ScoredList {
  /// Writes each item's gain times its weight, divided by a power of two common to the list, to
  /// `first`, and returns the greatest DCG with these gains. Changes `order`.
  mutating func prepareGains(depth: Int = .max) -> Double {
    var greatest = 0.0
    for i in 0..<count { greatest = max(greatest, labels[i]) }
    let exponent = gainExponent(greatestLabel: greatest)
    for i in 0..<count { first[i] = weights[i] * gain(labels[i], exponent: exponent) }
    sortDescending(by: .first)
    var ideal = 0.0
    for k in 0..<min(depth, count) { ideal += first[order[k]] * discounts[k] }
    return ideal
  }
}
