/// `mrr`: pairs weighted by the change in reciprocal rank if their ranks are swapped.
struct LambdaMRR: LambdaLoss {
  static let description = LossDescription(
    name: "mrr",
    meaning:
      "ranknet's pair loss times the change of RR when a pair swaps ranks, sum over pairs, mean"
      + " over lists; y > 0 is relevant",
    source: "Donmez et al. 2009, On the Local Optimality of LambdaRank",
    orders: .first,
    options: LambdaSettings.options)

  let settings: LambdaSettings
  var usesIdeal: Bool { false }

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  /// second[0] and second[1]: the ranks of the first two relevant items, infinite if there are
  /// fewer.
  func prepare(_ list: inout ScoredList) {
    var (first, second) = (Double.infinity, Double.infinity)
    for k in 0..<list.count where list.labels[list.order[k]] > 0 {
      guard first < .infinity else {
        first = Double(k + 1)
        continue
      }
      second = Double(k + 1)
      break
    }
    list.second[0] = first
    // A list of one item has no pairs.
    if list.count > 1 { list.second[1] = second }
  }

  func weight(_ pair: LambdaPair, in list: borrowing ScoredList) -> Double {
    guard pair.upper.label > 0, pair.lower.label <= 0 else { return 0 }
    let (upper, lower, first) = (Double(pair.upper.rank), Double(pair.lower.rank), list.second[0])
    // Either the first relevant item moves down, and it or the second becomes the first, or a
    // relevant item moves above the first.
    if upper == first, lower > upper { return 1 / upper - 1 / min(lower, list.second[1]) }
    return lower < first ? 1 / lower - 1 / first : 0
  }
}
