import Diagnostics

/// A piece of a recipe that knows where it was written.
struct RecipeNode: Sendable {
  /// One key of a mapping and what it says.
  struct Entry: Sendable {
    var name: String
    /// Where the key itself is.
    var place: Place
    var value: RecipeNode
  }

  indirect enum Content: Sendable {
    /// Nothing was written, or `null`.
    case null
    /// A word; `quoted` ones are texts whatever they look like.
    case word(String, quoted: Bool)
    case list([RecipeNode])
    case mapping([Entry])
  }

  var content: Content
  var place: Place

  /// How a message names what is here.
  var description: String {
    switch content {
    case .null: "nothing"
    case .word(let text, let quoted): quoted ? "the text '\(text)'" : "'\(text)'"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The value at a dotted path, put there in place of what was there; mappings appear as needed.
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
