import Foundation

/// `approxndcg`: 1 − nDCG with differentiable ranks.
struct ApproxNDCG: ListwiseLoss {
  static let description = LossDescription(
    name: "approxndcg",
    meaning: "1 - nDCG with ranks ½ + Σ_j σ(alpha (s_j - s_i)), gains 2^y - 1, mean over lists",
    source: "Qin et al. 2010, A General Approximation Framework for Direct Optimization of IR"
      + " Measures",
    options: [ApproxRanks.option])

  private let ranks: ApproxRanks

  init(_ options: LossOptions) { ranks = ApproxRanks(options) }

  /// O(n · items with a gain) time, O(n) memory. A list without gains has the value 1 and no
  /// gradient.
  func value(_ list: inout ScoredList) -> Double {
    list.clearGradient()
    let ideal = list.prepareGains()
    guard ideal > 0 else { return 1 }
    return 1 - ranks.addNDCG(&list, ideal: ideal)
  }
}

extension ApproxRanks {
  /// nDCG of the gains in `first` with differentiable ranks; adds the gradient of `-share` times
  /// it.
  func addNDCG(_ list: inout ScoredList, ideal: Double, share: Double = 1) -> Double {
    var dcg = 0.0
    forEachRank(of: &list, where: { $1.first[$0] > 0 }) { item, rank, list in
      let logRank = log1p(rank)
      dcg += list.first[item] * M_LN2 / logRank
      return share * list.first[item] / ideal * M_LN2 / ((1 + rank) * logRank * logRank)
    }
    return dcg / ideal
  }
}
