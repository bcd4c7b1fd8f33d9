/// `map`: pairs weighted by the change in average precision if their ranks are swapped.
struct LambdaMAP: LambdaLoss {
  static let description = LossDescription(
    name: "map",
    meaning:
      "ranknet's pair loss times the change of AP when a pair swaps ranks, sum over pairs, mean"
      + " over lists; y > 0 is relevant",
    source: "Donmez et al. 2009, On the Local Optimality of LambdaRank",
    orders: .relevance,
    options: LambdaSettings.options)

  let settings: LambdaSettings
  var usesIdeal: Bool { false }

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  /// second: the number of relevant items down to each rank; third: Σ 1/rank over those.
  func prepare(_ list: inout ScoredList) {
    var (found, inverse) = (0.0, 0.0)
    for k in 0..<list.count {
      if list.labels[list.order[k]] > 0 {
        found += 1
        inverse += 1 / Double(k + 1)
      }
      (list.second[k], list.third[k]) = (found, inverse)
    }
  }

  /// The relevant item's precision changes from one rank to the other; each relevant item between
  /// them has one relevant item more or less above it.
  func weight(_ pair: LambdaPair, in list: borrowing ScoredList) -> Double {
    guard pair.upper.label > 0, pair.lower.label <= 0 else { return 0 }
    let (a, b) = (min(pair.upper.rank, pair.lower.rank), max(pair.upper.rank, pair.lower.rank))
    let (aboveA, aboveB) = (list.second[a - 1], list.second[b - 1])
    let between = list.third[b - 1] - list.third[a - 1]
    let change =
      pair.upper.rank == a
      ? aboveA / Double(a) + between - aboveB / Double(b)
      : (aboveA + 1) / Double(a) + between - (1 + aboveB) / Double(b)
    return max(change, 0) / list.second[list.count - 1]
  }
}
