/// `arp1`: pairs weighted by the better label, a bound of the average relevance position.
struct ARPLoss1: LambdaLoss {
  static let description = LossDescription(
    name: "arp1",
    meaning:
      "ranknet's pair loss times y_i, sum over pairs, mean over lists; bounds the mean rank of"
      + " relevance",
    source: "Wang et al. 2018, The LambdaLoss Framework for Ranking Metric Optimization",
    options: LambdaSettings.options)

  let settings: LambdaSettings
  var usesIdeal: Bool { false }

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  func weight(_ pair: LambdaPair, in _: borrowing ScoredList) -> Double {
    max(pair.upper.label, 0)
  }
}

/// `arp2`: pairs weighted by the difference of their labels.
struct ARPLoss2: LambdaLoss {
  static let description = LossDescription(
    name: "arp2",
    meaning:
      "ranknet's pair loss times y_i - y_j, sum over pairs, mean over lists; bounds the mean rank"
      + " of relevance more tightly",
    source: ARPLoss1.description.source,
    options: LambdaSettings.options)

  let settings: LambdaSettings
  var usesIdeal: Bool { false }

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  func weight(_ pair: LambdaPair, in _: borrowing ScoredList) -> Double {
    pair.upper.label - pair.lower.label
  }
}
