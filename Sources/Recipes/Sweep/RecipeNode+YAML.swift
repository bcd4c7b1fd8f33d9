extension RecipeNode {
  /// The node as YAML on one line; reading it gives the same node, apart from places.
  var yaml: String {
    switch content {
    case .null: "null"
    case .word(let text, quoted: true): YAMLText.quoted(text)
    case .word(let text, quoted: false):
      Self.isPlain(text) ? text : YAMLText.quoted(text)
    case .list(let items): YAMLText.list(items.map(\.yaml))
    case .mapping(let entries):
      "{ "
        + entries.map { "\(YAMLText.word($0.name)): \($0.value.yaml)" }.joined(separator: ", ")
        + " }"
    }
  }

  /// Whether a word without quotes is the same within a list on one line. Numbers are.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
      Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber
    }
    let isSafe = text.utf8.allSatisfy {
      $0 < 0x80 && (isLetterOrDigit($0) || "_-+./@()= ".utf8.contains($0))
    }
    return isSafe && (isLetterOrDigit(first) || "/._+-".utf8.contains(first))
      && last != UInt8(ascii: " ")
      && !text.hasPrefix("- ") && text != "-" && !text.hasPrefix("---") && text != "..."
  }

  /// The value at a dotted path; nil if there is none.
  func value(at path: ArraySlice<String>) -> RecipeNode? {
    guard let name = path.first else { return self }
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.name == name }?.value.value(at: path.dropFirst())
  }
}
