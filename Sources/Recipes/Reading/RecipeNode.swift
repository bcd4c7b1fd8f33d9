import Diagnostics

/// A node of a recipe's tree, with its position in the text.
struct RecipeNode: Sendable {
  /// A key of a mapping with its value.
  struct Entry: Sendable {
    var name: String
    /// The position of the key itself.
    var place: Place
    var value: RecipeNode
  }

  indirect enum Content: Sendable {
    /// No value, or `null`.
    case null
    /// A scalar; `quoted` ones are texts, whatever they look like.
    case word(String, quoted: Bool)
    case list([RecipeNode])
    case mapping([Entry])
  }

  var content: Content
  var place: Place

  /// The node's description in messages.
  var description: String {
    switch content {
    case .null: "nothing"
    case .word(let text, let quoted): quoted ? "the text '\(text)'" : "'\(text)'"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Replaces the value at a dotted path; missing mappings are created.
  mutating func set(_ path: ArraySlice<String>, to value: RecipeNode) throws(Failure) {
    guard let name = path.first else {
      self = value
      return
    }
    var entries: [Entry]
    switch content {
    case .mapping(let present): entries = present
    case .null: entries = []
    case .word, .list:
      throw Failure(
        .badRecipe, "\(description) has no keys", at: value.place,
        expected: "a path that leads through sections")
    }
    let index =
      entries.firstIndex { $0.name == name }
      ?? {
        entries.append(
          Entry(
            name: name, place: value.place,
            value: RecipeNode(content: .null, place: value.place)))
        return entries.count - 1
      }()
    try entries[index].value.set(path.dropFirst(), to: value)
    content = .mapping(entries)
  }
}
