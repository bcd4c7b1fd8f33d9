import Diagnostics
import Options

/// `fusion`: combines the first stage's score with the model's.
extension FusionOptions: Section {
  static let defaults = FusionOptions()

  static let options: [Option<FusionOptions>] = [
    .init(
      "weight", \.weight, .weight, "the first stage's share of the sum; dev: the best on data.dev"),
    .optional(
      "residual", \.residual, .number(.above(0)),
      "trains the model as an addition to the first stage: the loss sees its scores plus this times "
        + "the first stage's standardised ones; for a model that is served fused"
    ).shown(as: "1").later(),
  ]
}

extension ValueKind where Value == FusionOptions.Weight {
  /// `dev` or a number from 0 to 1.
  fileprivate static var weight: ValueKind {
    let expected = "dev, or a number from 0 to 1"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let node = section.node(key) else { return nil }
        if case .word(let text, quoted: false) = node.content {
          if text == "dev" { return .dev }
          if let number = finite(text), (0...1).contains(number) { return .fixed(number) }
        }
        throw section.wrong(key, node, expected: expected)
      },
      text: { weight in
        switch weight {
        case .dev: "dev"
        case .fixed(let number): YAMLText.number(number)
        }
      }, type: expected, range: "dev, or 0 to 1",
      schema: ["anyOf": [["const": "dev"], ["type": "number", "minimum": 0, "maximum": 1]]])
  }
}
