import Diagnostics
import JSON
import Options

/// `training.average`: averages of weights.
extension AverageOptions: Section {
  static let defaults = AverageOptions()

  static let options: [Option<AverageOptions>] = [
    .optional(
      "ema", \.ema, .number(.between(0, 1)),
      "the share of a moving average of the weights that a step retains; the average is what is "
        + "measured on data.dev and kept"
    ).shown(as: "0.999"),
    .optional(
      "checkpoints", \.checkpoints, .integer(2...100),
      "how many of the models measured on data.dev, the best ones, may enter an average; each enters "
        + "only if the average is then no worse on data.dev"
    ).shown(as: "3"),
    .init(
      "base", \.base, .shares,
      "the share of the trained weights in a sum with those of the base model; of several, and 1, the "
        + "best on data.dev; dev measures 1, 0.9, … 0.1 and 0, the base itself"
    ).shown(as: "[0.5, 0.75]"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard isEmpty else { return }
    throw Failure(
      .badRecipe, "'average' says nothing to average", at: section.place,
      expected: "one of \(Self.keys.joined(separator: ", "))",
      remedy: "write, for example, 'average: { ema: 0.999 }', or remove 'average'")
  }
}

extension ValueKind where Value == AverageOptions.BaseShares {
  /// `dev`, a share above 0 and up to 1, or a list of different ones; no share is written as `null`.
  fileprivate static var shares: ValueKind {
    let bounds = Bounds.over(0, upTo: 1)
    let numbers = "a number \(bounds.description), or a list of such numbers"
    let expected = "dev, \(numbers)"
    return ValueKind(
      read: { (section, key) throws(Failure) in
        if let node = section.node(key), case .word("dev", quoted: false) = node.content {
          return .dev
        }
        guard let words = try section.list(key, expected: expected) else { return nil }
        var shares: [Double] = []
        for (text, node) in words {
          guard case .word(_, quoted: false) = node.content, let share = finite(text),
            bounds.contains(share)
          else {
            var failure = section.wrong(key, node, expected: expected)
            if case .word(let text, _) = node.content, finite(text) == 0 {
              failure.remedy =
                "write 'base: dev', with which the base itself may be the best on dev"
            }
            throw failure
          }
          guard !shares.contains(share) else {
            throw section.failure(
              key, node, "'\(text)' occurs twice", expected: "every number once")
          }
          shares.append(share)
        }
        return .given(shares)
      },
      text: { shares in
        switch shares {
        case .dev: "dev"
        case .given([]): "null"
        case .given(let shares) where shares.count == 1: YAMLText.number(shares[0])
        case .given(let shares): YAMLText.list(shares.map(YAMLText.number))
        }
      }, type: expected, range: "dev, or \(bounds.range)",
      schema: [
        "anyOf": [
          ["const": "dev"], .object(bounds.schema),
          [
            "type": "array", "items": .object(bounds.schema), "minItems": 1, "uniqueItems": true,
          ],
        ]
      ])
  }
}
