import Diagnostics
import Options

/// `data.train.weights`: weights clicks by the probability that a user examined the position.
extension ClickWeightOptions: Section {
  static let defaults = ClickWeightOptions(propensities: .power(1))

  static let options: [Option<ClickWeightOptions>] = [
    .required(
      "propensities", \.propensities, .propensities, expected: propensitiesExpected,
      example: .power(1),
      "the probability that a user examines a position: power, estimate (from the lists), lists "
        + "(their own values), or the path of a file"),
    .optional(
      "eta", \.eta, .number(.within(0, 10)), "only for power, which is (1/position)^eta"
    ).writtenOnly { $0.eta != nil },
    .init(
      "clip", \.clip,
      .numberOrNone(
        .atLeast(1), type: "none, or a number from 1 up", range: "1 or more, or none"),
      "the largest weight; none for no limit"),
    .init(
      "normalize", \.isNormalized, .flag, "divides the weights by their mean"),
  ]

  func admit(_ key: String, in section: RecipeSection) throws(Failure) {
    guard key == "eta", eta == nil else { return }
    throw Failure(
      .badRecipe, "'eta' applies only to 'propensities: power'",
      at: section.place(of: "eta"), expected: "'propensities: power', or no 'eta'",
      remedy: "remove 'eta'")
  }

  /// The exponent of `power`; nil for other propensities.
  private var eta: Double? {
    get { if case .power(let eta) = propensities { eta } else { nil } }
    set { if let newValue { propensities = .power(newValue) } }
  }
}

private let propensitiesExpected =
  "power, estimate, lists, or the path of a file of positions and propensities"

extension ValueKind where Value == ClickWeightOptions.Propensities {
  fileprivate static var propensities: ValueKind {
    ValueKind<String>.text(propensitiesExpected).map(
      { word in
        switch word {
        case "power": .power(1)
        case "estimate": .estimated
        case "lists": .listed
        default: .file(word)
        }
      },
      { propensities in
        switch propensities {
        case .power: "power"
        case .estimated: "estimate"
        case .listed: "lists"
        case .file(let path): path
        }
      })
  }
}
