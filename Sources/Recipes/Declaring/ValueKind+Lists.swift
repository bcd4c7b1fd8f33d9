import Diagnostics
import JSON

extension ValueKind {
  /// A word, or a list of words that is not empty, each of which stands for an item.
  ///
  /// - Parameters:
  ///   - type: the description of the values in messages.
  ///   - range: the values of an item in short.
  ///   - item: the JSON Schema of an item.
  ///   - isUnique: whether editors say that an item is there twice.
  ///   - read: reads an item, given those before it.
  ///   - text: the values as YAML; see `YAMLText`.
  static func listed<Item: Sendable>(
    _ type: String, range: String = "", item: JSONValue, isUnique: Bool = false,
    read:
      @escaping @Sendable (RecipeSection, String, RecipeSection.Word, [Item]) throws(Failure) ->
      Item,
    text: @escaping @Sendable ([Item]) -> String
  ) -> ValueKind where Value == [Item] {
    var list: [String: JSONValue] = ["type": "array", "items": item, "minItems": 1]
    if isUnique { list["uniqueItems"] = true }
    return ValueKind(
      read: { (section, key) throws(Failure) in
        guard let words = try section.list(key, expected: type) else { return nil }
        return try section.each(words) { (word, earlier) throws(Failure) in
          try read(section, key, word, earlier)
        }
      },
      text: text, type: type, range: range, schema: ["anyOf": [item, .object(list)]])
  }
}

extension RecipeSection {
  /// A word of a list, with its place.
  typealias Word = (text: String, node: RecipeNode)

  /// Rejects an item that is among those before it.
  func require<Item: Equatable>(
    _ item: Item, notIn earlier: [Item], _ key: String, _ word: Word, expected: String
  ) throws(Failure) {
    guard earlier.contains(item) else { return }
    throw failure(key, word.node, "'\(word.text)' occurs twice", expected: expected)
  }
}
