import Diagnostics
import Options

/// `training.anchor`: the base's own scores hold the model.
extension AnchorOptions: Section {
  static let defaults = AnchorOptions()

  static let options: [Option<AnchorOptions>] = [
    .init(
      "loss", \.distance, .choice,
      "how far the scores of a list are from the base's: kl compares the softmax of both, mse the scores "
        + "themselves"),
    .init(
      "weight", \.weight, .number(.over(0, upTo: 1000)),
      "the factor of that distance in the sum with the loss"),
    .init(
      "temperature", \.temperature, .number(.within(0.001, 1000)),
      "divides the scores of both models; only with kl"
    ).writtenOnly { $0.distance == .kl },
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard distance != .kl, section.node("temperature") != nil else { return }
    throw Failure(
      .badRecipe, "'temperature' applies only to 'kl'", at: section.place(of: "temperature"),
      expected: "'loss: kl' with it", remedy: "remove 'temperature', or write 'loss: kl'")
  }
}
