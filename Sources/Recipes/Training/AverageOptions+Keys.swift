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
    let given = ValueKind<[Double]>.listed(
      expected, range: bounds.range, item: .object(bounds.schema), isUnique: true
    ) { (section, key, word, earlier) throws(Failure) in
      guard case .word(_, quoted: false) = word.node.content, let share = finite(word.text),
        bounds.contains(share)
      else {
        var failure = section.wrong(key, word.node, expected: expected)
        if finite(word.text) == 0 {
          failure.remedy = "write 'base: dev', with which the base itself may be the best on dev"
        }
        throw failure
      }
      try section.require(share, notIn: earlier, key, word, expected: "every number once")
      return share
    } text: { shares in
      switch shares.count {
      case 0: "null"
      case 1: YAMLText.number(shares[0])
      default: YAMLText.list(shares.map(YAMLText.number))
      }
    }
    return ValueKind(
      read: { (section, key) throws(Failure) in
        if let node = section.node(key), case .word("dev", quoted: false) = node.content {
          return .dev
        }
        return try given.read(section, key).map { .given($0) }
      },
      text: { shares in
        switch shares {
        case .dev: "dev"
        case .given(let shares): given.text(shares)
        }
      }, type: expected, range: "dev, or \(bounds.range)",
      schema: ["anyOf": [["const": "dev"], .object(given.schema)]])
  }
}
