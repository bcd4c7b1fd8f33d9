import Diagnostics

/// A JSON value that remembers where it stood, so that what is wrong with it has a place.
struct JSON {
  /// One member of an object; names may repeat, which is for the reader to judge.
  struct Member {
    let name: String
    let value: JSON
  }

  indirect enum Value {
    case null, bool(Bool), string(String), number(String)
    case array([JSON])
    case object([Member])
  }

  let value: Value
  /// The byte of the file the value starts at.
  let byte: Int

  /// The value as an integer, or nil where it is none or too large.
  var integer: Int? {
    guard case .number(let text) = value, let integer = Int(text) else { return nil }
    // JSON has no leading zeros.
    return String(integer) == text ? integer : nil
  }
}

/// A strict parser of JSON (RFC 8259) over bytes that are known to be UTF-8.
struct JSONParser {
  private let bytes: [UInt8]
  private let file: String
  private let base: Int
  private let what: String
  private var next = 0
  private var depth = 0

  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: what the file is called in failures.
  ///   - base: the byte of the file the text starts at.
  ///   - what: what failures call the text.
  init(_ bytes: [UInt8], file: String, base: Int, what: String = "header") {
    self.bytes = bytes
    self.file = file
    self.base = base
    self.what = what
  }

  /// The one value of the text. Throws `.badData` with the byte where it is not JSON.
  mutating func parse() throws(Failure) -> JSON {
    let value = try parseValue()
    skipSpace()
    if next < bytes.count { throw wrong("something follows the \(what)'s object") }
    return value
  }

  private mutating func parseValue() throws(Failure) -> JSON {
    skipSpace()
    let start = next
    guard let first = peek else { throw wrong("the \(what) ends in the middle of a value") }
    let value: JSON.Value =
      switch first {
      case UInt8(ascii: "{"): try parseObject()
      case UInt8(ascii: "["): try parseArray()
      case UInt8(ascii: "\""): .string(try parseString())
      case UInt8(ascii: "t"): try parse(word: "true", as: .bool(true))
      case UInt8(ascii: "f"): try parse(word: "false", as: .bool(false))
      case UInt8(ascii: "n"): try parse(word: "null", as: .null)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): parseNumber()
      default: throw wrong("the \(what) is not JSON")
      }
    return JSON(value: value, byte: base + start)
  }

  private mutating func parseObject() throws(Failure) -> JSON.Value {
    var members: [JSON.Member] = []
    try parseList(closedBy: UInt8(ascii: "}")) { (parser: inout JSONParser) throws(Failure) in
      parser.skipSpace()
      guard parser.peek == UInt8(ascii: "\"") else { throw parser.wrong("a name is missing") }
      let name = try parser.parseString()
      parser.skipSpace()
      guard parser.peek == UInt8(ascii: ":") else { throw parser.wrong("a ':' is missing") }
      parser.next += 1
      members.append(.init(name: name, value: try parser.parseValue()))
    }
    return .object(members)
  }

  private mutating func parseArray() throws(Failure) -> JSON.Value {
    var items: [JSON] = []
    try parseList(closedBy: UInt8(ascii: "]")) { (parser: inout JSONParser) throws(Failure) in
      items.append(try parser.parseValue())
    }
    return .array(items)
  }

  private mutating func parseList(
    closedBy end: UInt8, item: (inout JSONParser) throws(Failure) -> Void
  ) throws(Failure) {
    // The parser calls itself; without a limit a header of brackets would exhaust the stack.
    guard depth < 16 else { throw wrong("the \(what) is nested too deeply") }
    depth += 1
    next += 1
    skipSpace()
    if peek == end {
      next += 1
      depth -= 1
      return
    }
    while true {
      try item(&self)
      skipSpace()
      guard let byte = peek else { throw wrong("the \(what) ends in the middle of a value") }
      guard byte == end || byte == UInt8(ascii: ",") else { throw wrong("a ',' is missing") }
      next += 1
      if byte == end { break }
    }
    depth -= 1
  }

  private mutating func parseString() throws(Failure) -> String {
    next += 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        next += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        next += 1
        text.append(contentsOf: try parseEscape().utf8)
      case 0..<0x20:
        throw wrong("a text holds a control character")
      default:
        text.append(byte)
        next += 1
      }
    }
    throw wrong("the \(what) ends in the middle of a text")
  }

  private mutating func parseEscape() throws(Failure) -> String {
    guard let byte = peek else { throw wrong("the \(what) ends in the middle of a text") }
    next += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var units = [try parseUnit()]
      if UTF16.isLeadSurrogate(units[0]), peek == UInt8(ascii: "\\") {
        next += 1
        guard peek == UInt8(ascii: "u") else { throw wrong("half a character is missing") }
        next += 1
        units.append(try parseUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw wrong("half a character is missing")
      }
      return text
    default:
      next -= 1
      throw wrong("'\\' is followed by something it cannot escape")
    }
  }

  private mutating func parseUnit() throws(Failure) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw wrong("'\\u' is not followed by four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      next += 1
    }
    return unit
  }

  private mutating func parse(
    word: StaticString, as value: JSON.Value
  ) throws(Failure) -> JSON.Value {
    for letter in "\(word)".utf8 {
      guard peek == letter else { throw wrong("the \(what) is not JSON") }
      next += 1
    }
    return value
  }

  private mutating func parseNumber() -> JSON.Value {
    let start = next
    while let byte = peek, "+-.0123456789Ee".utf8.contains(byte) { next += 1 }
    return .number(String(decoding: bytes[start..<next], as: UTF8.self))
  }

  private var peek: UInt8? { next < bytes.count ? bytes[next] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      next += 1
    }
  }

  private func wrong(_ problem: String) -> Failure {
    Failure(
      .badData, problem, at: Place(file, byte: base + next), expected: "a JSON object",
      remedy: "fetch or export the file again")
  }
}
