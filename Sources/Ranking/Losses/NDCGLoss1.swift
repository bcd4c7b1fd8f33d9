/// `ndcg1`: pairs weighted by the better item's discounted gain at its rank.
struct NDCGLoss1: LambdaLoss {
  static let description = LossDescription(
    name: "ndcg1",
    meaning:
      "ranknet's pair loss times the better item's share of the ideal DCG at its rank, sum over"
      + " pairs, mean over lists",
    source: "Wang et al. 2018, The LambdaLoss Framework for Ranking Metric Optimization",
    options: LambdaSettings.options)

  let settings: LambdaSettings

  init(_ options: LossOptions) { settings = LambdaSettings(options) }

  func weight(_ pair: LambdaPair, in _: borrowing ScoredList) -> Double {
    pair.upper.gain * pair.upper.discount / pair.ideal
  }
}
