/// `hinge`: the shortfall of a pair's score difference from a margin.
struct Hinge: PairwiseLoss {
  static let description = LossDescription(
    name: "hinge",
    meaning: "max(0, margin - (s_i - s_j)) of pairs with y_i > y_j, mean over pairs",
    source: "Joachims 2002, Optimizing Search Engines using Clickthrough Data",
    options: [
      .init(
        "margin", .number(default: 1, range: 0...1e6),
        "the score difference at which the loss of a pair reaches 0")
    ])

  private let margin: Double

  init(_ options: LossOptions) { margin = options.number("margin") }

  func term(_ pair: PairDifference) -> (value: Double, slope: Double) {
    let missing = margin - pair.score
    return missing > 0 ? (missing, -1) : (0, 0)
  }
}
