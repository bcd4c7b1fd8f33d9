import Foundation

/// `plistmle`: the likelihood of the labels' order, with the largest weights on the first draws.
struct PListMLE: ListwiseLoss {
  static let description = LossDescription(
    name: "plistmle", aliases: ["position_aware_listmle"],
    meaning:
      "listmle with the i-th of n draws weighted by 2^(n-i) - 1, over the sum of the weights, mean"
      + " over lists",
    source: "Lan et al. 2014, Position-Aware ListMLE: A Sequential Learning Process for Ranking",
    options: TieOrder.options)

  private let ties: TieOrder

  init(_ options: LossOptions) { ties = TieOrder(options) }

  func value(_ list: inout ScoredList) -> Double {
    ties.sort(&list)
    // All weights are scaled by 2^-n: the greatest is near 1 for every n, and those that underflow
    // are negligible.
    let last = exp2(-Double(list.count))
    var total = 0.0
    for k in 0..<list.count {
      list.second[k] = exp2(-Double(k + 1)) - last
      total += list.second[k]
    }
    guard total > 0 else {
      list.clearGradient()
      return 0
    }
    for k in 0..<list.count { list.second[k] /= total }
    return plackettLuce(&list)
  }
}
