/// `soft_zero_one`: a differentiable count of the misordered pairs.
struct SoftZeroOne: PairwiseLoss {
  static let description = LossDescription(
    name: "soft_zero_one",
    meaning: "σ(-sigma (s_i - s_j)) of pairs with y_i > y_j, mean over pairs",
    source: "Pasumarthi et al. 2019, TF-Ranking",
    options: [
      .init(
        "sigma", .number(default: 1, range: 1e-3...1e3),
        "slope of σ: larger values approach the number of misordered pairs but flatten the gradient"
      )
    ])

  private let sigma: Double

  init(_ options: LossOptions) { sigma = options.number("sigma") }

  func term(_ pair: PairDifference) -> (value: Double, slope: Double) {
    let (wrong, right) = (logistic(-sigma * pair.score), logistic(sigma * pair.score))
    return (wrong, -sigma * wrong * right)
  }
}
