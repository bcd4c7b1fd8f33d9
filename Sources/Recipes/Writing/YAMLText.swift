import Options

/// The value of a key to write.
indirect enum Written: Sendable {
  /// A key with its value.
  struct Entry: Sendable {
    var key: String
    var value: Written
  }

  /// A value on one line, as YAML.
  case value(String)
  /// A mapping, one key per line.
  case mapping([Entry])
  /// A list of mappings, each on one line.
  case list([[Entry]])

  /// The value `null`.
  static let null = Written.value("null")
}

/// The purpose of writing a section.
enum WrittenForm: Sendable {
  /// A recipe with every default written out.
  case resolved
  /// The identity in a checkpoint, for comparison with earlier versions.
  case identity
  /// A mapping on one line: keys without a value are omitted.
  case inline
}

/// The YAML text of values; reading it gives the same values.
///
/// Mappings have one key per line, in the order of declaration; lists are on one line.
enum YAMLText {
  /// Entries, one per line, with nested mappings indented.
  ///
  /// - Parameter comment: returns the comment beside a value with a dotted path.
  static func lines(
    _ entries: [Written.Entry], indentation: String = "", under parent: String = "",
    comment: (_ path: String) -> String? = { _ in nil }
  ) -> String {
    var text = ""
    for entry in entries {
      let path = parent + entry.key
      let mark = comment(path).map { "  # \($0)" } ?? ""
      text += "\(indentation)\(entry.key):"
      switch entry.value {
      case .value(let value): text += " \(value)\(mark)\n"
      case .mapping(let entries):
        text += "\n"
        text += lines(
          entries, indentation: indentation + "  ", under: path + ".", comment: comment)
      case .list(let items):
        text += "\(mark)\n" + items.map { "\(indentation)  - \(inline($0))\n" }.joined()
      }
    }
    return text
  }

  /// A mapping on one line.
  static func inline(_ entries: [Written.Entry]) -> String {
    let parts = entries.map { entry in
      let value =
        switch entry.value {
        case .value(let value): value
        case .mapping(let entries): inline(entries)
        case .list(let items): "[\(items.map(inline).joined(separator: ", "))]"
        }
      return "\(word(entry.key)): \(value)"
    }
    return "{ \(parts.joined(separator: ", ")) }"
  }

  /// Values as a list on one line.
  static func list(_ values: [String]) -> String { "[\(values.joined(separator: ", "))]" }

  /// A number with a decimal point before its exponent, which all YAML parsers recognise as a
  /// number.
  static func number(_ value: Double) -> String {
    let text = plain(value)
    guard let e = text.firstIndex(of: "e"), !text[..<e].contains(".") else { return text }
    return text[..<e] + ".0" + text[e...]
  }

  /// A text, quoted if YAML could parse it as something else.
  static func word(_ text: String) -> String {
    let plain = text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-./@()=".utf8.contains($0)
      }
    }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    let starts = text.first.map { $0.isLetter || $0 == "/" || $0 == "_" } ?? false
    if plain, starts, !words.contains(text.lowercased()) { return text }
    if let interval = Interval(text), interval.description == text { return text }
    return quoted(text)
  }

  /// A text in quotes.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.replacing("${", with: "$${").unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\0"..<" ", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
