import Foundation

/// `exponential`: the exponential of a pair's negative score difference.
struct Exponential: PairwiseLoss {
  static let description = LossDescription(
    name: "exponential",
    meaning: "e^(-(s_i - s_j)) of pairs with y_i > y_j, mean over pairs",
    source: "Freund et al. 2003, An Efficient Boosting Algorithm for Combining Preferences",
    options: [
      .init(
        "straight_from", .number(default: 30, range: 0...60),
        "where s_j - s_i is more than this, the loss continues along its tangent, so that a pair far out of"
          + " order does not overflow")
    ])

  private let bend: Double

  init(_ options: LossOptions) { bend = options.number("straight_from") }

  func term(_ pair: PairDifference) -> (value: Double, slope: Double) {
    let power = exp(min(-pair.score, bend))
    return (power * (1 + max(0, -pair.score - bend)), -power)
  }
}
