import Diagnostics
import JSON
import Options

/// `split: { share: 0.8, seed: 7 }`: parts of the only split of a collection.
extension SplitShares: Section {
  static let defaults = SplitShares()

  static let options: [Option<SplitShares>] = [
    .init("share", \.share, .number(.between(0, 1)), "the share of queries for training"),
    .optional(
      "test", \.test, .number(.upTo(0, below: 1)),
      "the share for test; null for half of what training leaves, or for what 'data.dev' and 'data.test' "
        + "leave; the rest is dev"),
    .init("seed", \.seed, .seed, "the seed of the division"),
    .init(
      "near", \.near, .number(.over(0, upTo: 1)),
      "the similarity of words from which queries stay together; 1 for the same words alone"),
    .optional(
      "of", \.of, .text("the name of a split"),
      "the split to divide, of a collection with several"),
  ]

  func check(_ section: RecipeSection) throws(Failure) {
    guard share + (test ?? 0) > 1 + 1e-9 else { return }
    throw Failure(
      .badRecipe, "'share' and 'test' add up to more than 1",
      at: section.place(of: "test"), expected: "shares of one whole, with a rest for dev",
      remedy: "lower one of them")
  }
}

extension SplitShares {
  /// The JSON Schema of shares.
  static var schema: JSONValue { .object(JSONSchema.mapping(descriptions())) }
}

extension Option {
  /// `split`: the name of a split, or shares of one.
  static func split(
    _ name: any WritableKeyPath<Root, String> & Sendable,
    _ shares: any WritableKeyPath<Root, SplitShares?> & Sendable
  ) -> Option {
    let key = "split"
    return .custom(
      .split(default: Root.defaults[keyPath: name]),
      read: { (section, root) throws(Failure) in
        guard let node = section.node(key) else { return }
        if case .mapping = node.content,
          let part = try section.section(key, keys: SplitShares.keys)
        {
          root[keyPath: shares] = try SplitShares(part)
        } else if let split = try ValueKind<String>.split.read(section, key) {
          root[keyPath: name] = split
        }
      },
      write: { root, _ in
        if let shares = root[keyPath: shares] {
          return .value(YAMLText.inline(shares.entries(.inline)))
        }
        return .value(ValueKind<String>.split.text(root[keyPath: name]))
      }
    ).described { .split(default: $0[keyPath: name]) }
  }
}

extension KeyDescription {
  fileprivate static func split(default name: String) -> KeyDescription {
    let kind = ValueKind<String>(
      read: { _, _ in nil }, text: { $0 },
      type: "the name of a qrels file, or shares of the only split", range: "",
      schema: [
        "anyOf": [
          .object(ValueKind<String>.split.schema), ["$ref": "#/definitions/shares"],
        ]
      ])
    var key = KeyDescription(
      "split", kind, default: YAMLText.word(name),
      splitMeaning
        + "; or shares, by which the only split is divided into train, dev and test; queries with "
        + "nearly the same words stay together")
    key.items = SplitShares.descriptions()
    return key
  }
}

/// Shares in place of a split, for the recipe with every key.
let sharesAlternative = """
    split: { share: 0.8, seed: 7 }  # a tenth each for dev and test without sections
    split: { share: 0.7, test: 0.2, seed: 7, near: 0.8, of: all }
  """
