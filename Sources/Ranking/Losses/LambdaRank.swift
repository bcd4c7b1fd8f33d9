/// `lambdarank`: pairs weighted by the change in nDCG if their ranks are swapped.
struct LambdaRank: LambdaLoss {
  static let description = LossDescription(
    name: "lambdarank",
    meaning: "ranknet's pair loss times the change of nDCG when a pair swaps ranks, sum over"
      + " pairs, mean over lists",
    source: "Burges et al. 2006, Learning to Rank with Nonsmooth Cost Functions",
    options: LambdaSettings.options)

  let settings: LambdaSettings

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  func weight(_ pair: LambdaPair, in _: borrowing ScoredList) -> Double {
    pair.swapChange
  }
}

extension LambdaPair {
  /// The change in nDCG if the pair swaps ranks.
  var swapChange: Double {
    abs(upper.discount - lower.discount) * (upper.gain - lower.gain) / ideal
  }
}
