import Foundation

/// `adr_mse`: the distance of differentiable ranks from the labels' ranks, with the largest weights
/// on the first.
struct ADRMSE: ListwiseLoss {
  static let description = LossDescription(
    name: "adr_mse",
    meaning:
      "Σ_i D(r_i) (r_i - r̂_i)², r the rank by label with ties averaged, r̂ = ½ + Σ_j σ(alpha (s_j"
      + " - s_i)), D(r) = 1/log2(1+r), mean over lists",
    source:
      "Schlatt et al. 2024, Rank-DistiLLM: Closing the Effectiveness Gap Between Cross-Encoders"
      + " and LLMs for Passage Re-Ranking",
    options: [ApproxRanks.option])

  private let ranks: ApproxRanks

  init(_ options: LossOptions) { ranks = ApproxRanks(options) }

  /// O(n²) time, O(n) memory.
  func value(_ list: inout ScoredList) -> Double {
    list.clearGradient()
    list.sortDescending(by: .label)
    // first: the label's rank; items with equal labels share the mean of their ranks.
    var start = 0
    while start < list.count {
      var end = start + 1
      while end < list.count, list.labels[list.order[end]] == list.labels[list.order[start]] {
        end += 1
      }
      for k in start..<end { list.first[list.order[k]] = Double(start + 1 + end) / 2 }
      start = end
    }
    var sum = 0.0
    ranks.forEachRank(of: &list, where: { $1.weights[$0] > 0 }) { item, rank, list in
      let weight = list.weights[item] * M_LN2 / log1p(list.first[item])
      let distance = rank - list.first[item]
      sum += weight * distance * distance
      return 2 * weight * distance
    }
    return sum
  }
}
