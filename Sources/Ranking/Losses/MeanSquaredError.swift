/// `mse`: the distance of each score from its label.
struct MeanSquaredError: PointwiseLoss {
  static let description = LossDescription(
    name: "mse",
    meaning:
      "squared, absolute or smooth absolute difference between score and label, mean over items",
    options: [
      .init(
        "activation", .choice(default: "none", among: ["none", "sigmoid"]),
        "the function applied to the score first; sigmoid needs labels from 0 to 1"),
      .init(
        "error", .choice(default: "squared", among: ["squared", "l1", "smooth_l1"]),
        "the error function of the difference e: e², abs(e), or e²/(2 beta) up to beta and abs(e) - beta/2 beyond"
      ),
      .init(
        "beta", .number(default: 1, range: 1e-6...1e6),
        "with smooth_l1, the difference at which the loss changes from quadratic to linear"),
    ])

  private enum Distance { case squared, absolute, smooth }
  private let sigmoid: Bool
  private let distance: Distance
  private let beta: Double

  init(_ options: LossOptions) {
    sigmoid = options.choice("activation") == "sigmoid"
    distance =
      switch options.choice("error") {
      case "l1": .absolute
      case "smooth_l1": .smooth
      default: .squared
      }
    beta = options.number("beta")
  }

  func term(score: Double, label: Double, greatestLabel: Double) -> (value: Double, slope: Double) {
    let output = sigmoid ? logistic(score) : score
    let outputSlope = sigmoid ? logistic(score) * logistic(-score) : 1
    let error = output - label
    let sign: Double = error > 0 ? 1 : error < 0 ? -1 : 0
    switch distance {
    case .squared: return (error * error, 2 * error * outputSlope)
    case .absolute: return (abs(error), sign * outputSlope)
    case .smooth where abs(error) < beta:
      return (error * error / (2 * beta), error / beta * outputSlope)
    case .smooth: return (abs(error) - beta / 2, sign * outputSlope)
    }
  }
}
