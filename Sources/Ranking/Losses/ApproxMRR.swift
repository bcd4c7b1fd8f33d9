/// `approxmrr`: 1 − the reciprocal of a differentiable rank.
struct ApproxMRR: ListwiseLoss {
  static let description = LossDescription(
    name: "approxmrr",
    meaning:
      "1 - the mean of 1/rank over the items of the greatest label, ranks ½ + Σ_j σ(alpha (s_j -"
      + " s_i)), mean over lists",
    source: "Qin et al. 2010, A General Approximation Framework for Direct Optimization of IR"
      + " Measures",
    orders: .first,
    options: [ApproxRanks.option])

  private let ranks: ApproxRanks

  init(_ options: LossOptions) { ranks = ApproxRanks(options) }

  /// O(n · best items). A list without a label above 0 has the value 1 and no gradient.
  func value(_ list: inout ScoredList) -> Double {
    list.clearGradient()
    var (best, count) = (0.0, 0.0)
    for i in 0..<list.count where list.labels[i] > 0 && list.labels[i] >= best {
      count = list.labels[i] > best ? list.weights[i] : count + list.weights[i]
      best = list.labels[i]
    }
    guard count > 0 else { return 1 }
    var sum = 0.0
    ranks.forEachRank(of: &list, where: { $1.labels[$0] == best && $1.weights[$0] > 0 }) {
      item, rank, list in
      let share = list.weights[item] / count
      sum += share / rank
      return share / (rank * rank)
    }
    return 1 - sum
  }
}
