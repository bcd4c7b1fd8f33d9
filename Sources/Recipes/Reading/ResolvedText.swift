/// The YAML text of values, in a form that reads back as the same values.
///
/// Mappings are written a key a line, lists on one line. Sections write themselves with `add`, in
/// the order their keys are documented in.
public struct ResolvedText: Sendable {
  /// The text so far.
  public private(set) var text = ""
  private var indentation = ""
  /// Whether keys that earlier versions did not have are left out where they are at their defaults.
  private let isIdentity: Bool

  /// An empty text.
  ///
  /// - Parameter isIdentity: whether it is to be compared with what an earlier version wrote: keys
  ///   added by `add(later:)` are then left out where they change nothing.
  public init(isIdentity: Bool = false) { self.isIdentity = isIdentity }

  /// Adds a section and what `body` adds to it.
  public mutating func section(_ key: String, _ body: (inout ResolvedText) -> Void) {
    text += "\(indentation)\(key):\n"
    indentation += "  "
    body(&self)
    indentation.removeLast(2)
  }

  /// Adds a section, or `null` where there is none.
  public mutating func section<Section>(
    _ key: String, _ section: Section?, _ body: (Section, inout ResolvedText) -> Void
  ) {
    guard let section else { return line(key, "null") }
    self.section(key) { text in body(section, &text) }
  }

  /// Adds a text, or `null`.
  public mutating func add(_ key: String, _ value: String?) {
    line(key, value.map(Self.word) ?? "null")
  }

  /// Adds texts.
  public mutating func add(_ key: String, _ values: [String]) {
    line(key, "[\(values.map(Self.word).joined(separator: ", "))]")
  }

  /// Adds an integer, or `null`.
  public mutating func add(_ key: String, _ value: Int?) {
    line(key, value.map(String.init) ?? "null")
  }

  /// Adds a number, or `null`.
  public mutating func add(_ key: String, _ value: Double?) {
    line(key, value.map(Self.number) ?? "null")
  }

  /// Adds numbers.
  public mutating func add(_ key: String, _ values: [Double]) {
    line(key, "[\(values.map(Self.number).joined(separator: ", "))]")
  }

  /// Adds a flag.
  public mutating func add(_ key: String, _ value: Bool) {
    line(key, value ? "true" : "false")
  }

  /// Adds a flag that earlier versions did not have; they did what `false` does.
  mutating func add(later key: String, _ value: Bool) {
    if value || !isIdentity { add(key, value) }
  }

  /// Adds a text that earlier versions did not have; they did what `null` does.
  mutating func add(later key: String, _ value: String?) {
    if value != nil || !isIdentity { add(key, value) }
  }

  /// Adds a list of mappings, which `body` adds with `item`.
  mutating func list(_ key: String, _ body: (inout ResolvedText) -> Void) {
    section(key, body)
  }

  /// Adds one item of a list of mappings, on one line, its values already written as YAML.
  mutating func item(_ entries: [(key: String, value: String)]) {
    let body = entries.map { "\(Self.word($0.key)): \($0.value)" }.joined(separator: ", ")
    text += "\(indentation)- { \(body) }\n"
  }

  private mutating func line(_ key: String, _ value: String) {
    text += "\(indentation)\(key): \(value)\n"
  }

  /// A number with a point before its exponent, which all readers of YAML take for a number.
  static func number(_ value: Double) -> String {
    let text = plain(value)
    guard let e = text.firstIndex(of: "e"), !text[..<e].contains(".") else { return text }
    return text[..<e] + ".0" + text[e...]
  }

  /// A text, in quotes where it could be taken for something else.
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
    var quoted = "\""
    for scalar in text.unicodeScalars {
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
