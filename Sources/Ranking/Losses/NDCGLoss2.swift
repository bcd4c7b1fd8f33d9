/// `ndcg2`: pairs weighted by the difference of their gains times that of neighbouring discounts.
struct NDCGLoss2: LambdaLoss {
  static let description = LossDescription(
    name: "ndcg2",
    meaning:
      "ranknet's pair loss times abs(D(d) - D(d+1)) (G_i - G_j) / ideal DCG, d the distance of"
      + " the ranks and D(r) = 1/log2(1+r), sum over pairs, mean over lists",
    source: "Wang et al. 2018, The LambdaLoss Framework for Ranking Metric Optimization",
    options: LambdaSettings.options)

  let settings: LambdaSettings

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  func weight(_ pair: LambdaPair, in list: borrowing ScoredList) -> Double {
    pair.distanceChange(list.discounts)
  }
}

/// `ndcg2pp`: the weights of `ndcg2` and `lambdarank` combined.
struct NDCGLoss2PlusPlus: LambdaLoss {
  static let description = LossDescription(
    name: "ndcg2pp",
    meaning: "mu times ndcg2 plus lambdarank, in the weight of each pair",
    source: NDCGLoss2.description.source,
    options: LambdaSettings.options + [
      .init("mu", .number(default: 10, range: 0...1e6), "factor for ndcg2's weight")
    ])

  let settings: LambdaSettings
  private let mu: Double

  init(_ options: LossOptions) {
    settings = LambdaSettings(options)
    mu = options.number("mu")
  }

  func weight(_ pair: LambdaPair, in list: borrowing ScoredList) -> Double {
    mu * pair.distanceChange(list.discounts) + pair.swapChange
  }
}

extension LambdaPair {
  /// The change in DCG between neighbouring ranks at the distance of the pair's ranks, relative to
  /// the ideal; `discounts` are those of ranks from 1.
  fileprivate func distanceChange(_ discounts: [Double]) -> Double {
    let distance = abs(upper.rank - lower.rank)
    return (discounts[distance - 1] - discounts[distance]) * (upper.gain - lower.gain) / ideal
  }
}
