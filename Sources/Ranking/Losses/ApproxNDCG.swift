import Foundation

/// `approxndcg`: one less nDCG, with ranks made smooth.
struct ApproxNDCG: ListwiseLoss {
  static let description = LossDescription(
    name: "approxndcg",
    meaning: "1 - nDCG with ranks ½ + Σ_j σ(alpha (s_j - s_i)), gains 2^y - 1, mean over lists",
    source: "Qin et al. 2010, A General Approximation Framework for Direct Optimization of IR"
      + " Measures",
    options: [
      .init(
        "alpha", .number(default: 10, range: 1e-3...1e4),
        "how sharp the ranks are: the greater, the nearer to true ranks and the flatter elsewhere")
    ])

  private let alpha: Double

  init(_ options: LossOptions) { alpha = options.number("alpha") }

  /// O(n · items with a gain) time, O(n) memory. A list in which nothing has a gain has the value 1
  /// and no gradient.
  func value(_ list: inout ScoredList) -> Double {
    // first: the item's gain times its weight, over a power of two common to the list.
    let count = list.count
    var greatest = 0.0
    for i in 0..<count { greatest = max(greatest, list.labels[i]) }
    let exponent = gainExponent(greatestLabel: greatest)
    for i in 0..<count {
      list.first[i] = list.weights[i] * gain(list.labels[i], exponent: exponent)
    }
    list.clearGradient()
    list.sortDescending(by: .first)
    var ideal = 0.0
    for k in 0..<count { ideal += list.first[list.order[k]] * list.discounts[k] }
    guard ideal > 0 else { return 1 }

    var dcg = 0.0
    for i in 0..<count where list.first[i] > 0 {
      let score = list.scores[i]
      var rank = 0.5
      for j in 0..<count {
        // second: the slope of σ, σ (1 − σ), kept for the way back.
        let (above, below) = split(alpha * (list.scores[j] - score))
        rank += above
        list.second[j] = above * below
      }
      let logRank = log1p(rank)
      dcg += list.first[i] * M_LN2 / logRank
      let pull = alpha * list.first[i] / ideal * M_LN2 / ((1 + rank) * logRank * logRank)
      for j in 0..<count where j != i {
        list.gradient[j] += pull * list.second[j]
        list.gradient[i] -= pull * list.second[j]
      }
    }
    return 1 - dcg / ideal
  }

  /// σ(x) and 1 − σ(x), each to full precision.
  @inline(__always)
  private func split(_ x: Double) -> (above: Double, below: Double) {
    let small = exp(-abs(x))
    let (greater, lesser) = (1 / (1 + small), small / (1 + small))
    return x >= 0 ? (greater, lesser) : (lesser, greater)
  }
}
