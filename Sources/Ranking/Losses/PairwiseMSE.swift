/// `pairwise_mse`: the squared distance of a pair's score difference from its label difference.
struct PairwiseMSE: PairwiseLoss {
  static let description = LossDescription(
    name: "pairwise_mse",
    meaning: "((y_i - y_j) - (s_i - s_j))² of pairs with y_i > y_j, mean over pairs")

  init(_ options: LossOptions) {}

  func term(_ pair: PairDifference) -> (value: Double, slope: Double) {
    let distance = pair.score - pair.label
    return (distance * distance, 2 * distance)
  }
}
