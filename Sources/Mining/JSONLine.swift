/// A line of JSON, put together with its keys in the order in which they are added.
struct JSONLine {
  private(set) var bytes: [UInt8] = []
  private var isFirst = true

  /// A line of the object that `body` fills, with its line end.
  static func object(
    _ body: (inout JSONLine) -> Void
  ) -> [UInt8] {
    var line = JSONLine()
    line.braces("{", "}", body)
    line.bytes.append(UInt8(ascii: "\n"))
    return line.bytes
  }

  mutating func add(_ key: String, _ text: String) {
    name(key)
    quote(text)
  }

  /// Adds nothing for nil.
  mutating func add(_ key: String, _ number: Double?) {
    guard let number else { return }
    name(key)
    append(Self.plain(number))
  }

  /// Adds nothing for nil.
  mutating func add(_ key: String, _ number: Int?) {
    guard let number else { return }
    name(key)
    append("\(number)")
  }

  /// Adds a list of objects, one for each item.
  mutating func add<Item>(
    _ key: String, _ items: some Sequence<Item>, _ body: (Item, inout JSONLine) -> Void
  ) {
    name(key)
    braces("[", "]") { line in
      for item in items {
        line.separate()
        line.braces("{", "}") { body(item, &$0) }
      }
    }
  }

  /// A number as JSON has it, whole ones without a fraction.
  static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  private mutating func braces(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONLine) -> Void
  ) {
    bytes.append(UInt8(ascii: open))
    isFirst = true
    body(&self)
    bytes.append(UInt8(ascii: close))
    isFirst = false
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  private mutating func name(_ key: String) {
    separate()
    quote(key)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case UInt8(ascii: "\n"): append("\\n")
      case UInt8(ascii: "\t"): append("\\t")
      case UInt8(ascii: "\r"): append("\\r")
      case 0..<0x20:
        append(byte < 0x10 ? "\\u000" : "\\u00")
        append(String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
