/// `quantile`: the pinball loss, minimal if a score is a quantile of the label.
struct Quantile: PointwiseLoss {
  static let description = LossDescription(
    name: "quantile",
    meaning:
      "tau (y - s) where s is below y, (1 - tau) (s - y) above, or with squared differences, mean over"
      + " items",
    source: "Koenker and Bassett 1978, Regression Quantiles; squared: Newey and Powell 1987",
    options: [
      .init(
        "tau", .number(default: 0.5, range: 0.001...0.999),
        "the quantile: the share of labels that should lie below the score"),
      .init(
        "squared", .flag(default: false),
        "uses squared differences, which estimate an expectile"),
    ])

  private let tau: Double
  private let squared: Bool

  init(_ options: LossOptions) {
    tau = options.number("tau")
    squared = options.flag("squared")
  }

  func term(score: Double, label: Double, greatestLabel: Double) -> (value: Double, slope: Double) {
    let distance = score - label
    let share = distance < 0 ? tau : 1 - tau
    return squared
      ? (share * distance * distance, 2 * share * distance)
      : (share * abs(distance), distance < 0 ? -share : distance > 0 ? share : 0)
  }
}
