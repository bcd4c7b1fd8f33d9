/// A line of JSON, put together with its keys in the order in which they are added.
package struct JSONWriter {
  package private(set) var bytes: [UInt8] = []
  private var isFirst = true

  /// A line of the object that `body` fills, with its line end.
  package static func object(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var line = JSONWriter()
    line.braces("{", "}", body)
    line.bytes.append(UInt8(ascii: "\n"))
    return line.bytes
  }

  /// Adds a text.
  package mutating func add(_ key: String, _ text: String) {
    name(key)
    quote(text)
  }

  /// Adds a number, or nothing for nil.
  package mutating func add(_ key: String, _ number: Double?) {
    guard let number else { return }
    name(key)
    append(Self.plain(number))
  }

  /// Adds a number, or nothing for nil.
  package mutating func add(_ key: String, _ number: Int?) {
    guard let number else { return }
    name(key)
    append("\(number)")
  }

  /// Adds a list of objects, one for each item.
  package mutating func add<Item>(
    _ key: String, _ items: some Sequence<Item>, _ body: (Item, inout JSONWriter) -> Void
  ) {
    name(key)
    braces("[", "]") { line in
      for item in items {
        line.separate()
        line.braces("{", "}") { body(item, &$0) }
      }
    }
  }

  /// Adds a list of texts.
  package mutating func add(_ key: String, texts: some Sequence<String>) {
    name(key)
    braces("[", "]") { line in
      for text in texts {
        line.separate()
        line.quote(text)
      }
    }
  }

  /// Adds a list of numbers.
  package mutating func add(_ key: String, numbers: some Sequence<Double>) {
    name(key)
    braces("[", "]") { line in
      for number in numbers {
        line.separate()
        line.append(Self.plain(number))
      }
    }
  }

  /// A number as JSON has it, whole ones without a fraction.
  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? "\(number)"
  }

  private mutating func braces(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void
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

  private mutating func quote(_ text: String) { bytes.append(quoted: text) }
}

/// How control characters that have a letter of their own are written.
package enum JSONEscapes: Sendable {
  /// `\b` and `\f`.
  case letters
  /// `\u0008` and `\u000c`.
  case codes
}

extension [UInt8] {
  /// Appends a text as JSON writes it, in quotation marks.
  package mutating func append(quoted text: String, escapes: JSONEscapes = .codes) {
    append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
      case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
      case 0x08 where escapes == .letters: append(contentsOf: "\\b".utf8)
      case 0x0C where escapes == .letters: append(contentsOf: "\\f".utf8)
      case 0..<0x20:
        append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
        append(contentsOf: String(byte, radix: 16).utf8)
      default: append(byte)
      }
    }
    append(UInt8(ascii: "\""))
  }
}

extension String {
  /// The text as JSON writes it, in quotation marks.
  package var quotedJSON: String {
    var bytes: [UInt8] = []
    bytes.append(quoted: self)
    return String(decoding: bytes, as: UTF8.self)
  }
}
