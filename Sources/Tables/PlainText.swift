/// A text from an external source without the characters that a terminal interprets as commands:
/// each becomes U+FFFD. Tabs are retained.
///
/// - Parameter keepsLines: whether line ends are retained as well.
package func plainText(_ text: String, keepsLines: Bool = false) -> String {
  func isCommand(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: !keepsLines
    case 0x09: false
    default: scalar.properties.generalCategory == .control
    }
  }
  guard text.unicodeScalars.contains(where: isCommand) else { return text }
  return String(
    String.UnicodeScalarView(text.unicodeScalars.map { isCommand($0) ? "\u{FFFD}" : $0 }))
}

/// One line per name with its value; the values are aligned.
package func labelledLines(_ rows: [(name: String, value: String)]) -> String {
  let width = rows.map(\.name.count).max() ?? 0
  return rows.map { name, value in
    name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
  }.joined()
}
