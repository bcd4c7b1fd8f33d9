/// A recursive-descent reader of RFC 8259 JSON over bytes.
struct JSONReader {
  /// What is wrong, and at which byte.
  struct Mistake: Error {
    var problem: String
    var byte: Int
  }

  typealias Node = JSONDocument.Node

  let bytes: [UInt8]
  private var position = 0

  /// Deeper nesting than any tokenizer has; a hostile file must not exhaust the stack.
  private static let deepest = 128

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// The one value of the text.
  mutating func document() throws(Mistake) -> Node {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    let node = try value(depth: 0)
    skipSpace()
    if position < bytes.count { throw mistake("text after the end of the value") }
    return node
  }

  private func mistake(_ problem: String) -> Mistake { Mistake(problem: problem, byte: position) }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// The next byte that is not space, without taking it.
  private mutating func peek() throws(Mistake) -> UInt8 {
    skipSpace()
    if position == bytes.count { throw mistake("it ends in the middle of a value") }
    return bytes[position]
  }

  private mutating func take(_ letter: Character, _ wanted: String) throws(Mistake) {
    guard try peek() == letter.asciiValue else { throw mistake("\(wanted) is missing") }
    position += 1
  }

  private mutating func value(depth: Int) throws(Mistake) -> Node {
    let first = try peek()
    let start = position
    if depth > Self.deepest { throw mistake("it is nested too deeply") }
    switch first {
    case UInt8(ascii: "{"): return Node(byte: start, value: try object(depth: depth + 1))
    case UInt8(ascii: "["): return Node(byte: start, value: try array(depth: depth + 1))
    case UInt8(ascii: "\""): return Node(byte: start, value: .string(try string()))
    case UInt8(ascii: "t"): return Node(byte: start, value: try word("true", .bool(true)))
    case UInt8(ascii: "f"): return Node(byte: start, value: try word("false", .bool(false)))
    case UInt8(ascii: "n"): return Node(byte: start, value: try word("null", .null))
    default: return Node(byte: start, value: try number())
    }
  }

  private mutating func word(
    _ text: String, _ value: JSONDocument.Value
  ) throws(Mistake) -> JSONDocument.Value {
    guard bytes[position...].starts(with: text.utf8) else {
      throw mistake("a value is expected here")
    }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(Mistake) -> JSONDocument.Value {
    let start = position
    while position < bytes.count, Self.isNumeric(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard start < position, bytes[start] != UInt8(ascii: "+"), let number = Double(text) else {
      position = start
      throw mistake("a value is expected here")
    }
    return .number(number)
  }

  private static func isNumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
    default: false
    }
  }

  private mutating func array(depth: Int) throws(Mistake) -> JSONDocument.Value {
    try take("[", "'['")
    var items: [Node] = []
    if try peek() == UInt8(ascii: "]") {
      position += 1
      return .array(items)
    }
    while true {
      items.append(try value(depth: depth))
      if try peek() == UInt8(ascii: "]") {
        position += 1
        return .array(items)
      }
      try take(",", "a ',' between two values or a ']'")
    }
  }

  private mutating func object(depth: Int) throws(Mistake) -> JSONDocument.Value {
    try take("{", "'{'")
    var members: [JSONDocument.Member] = []
    if try peek() == UInt8(ascii: "}") {
      position += 1
      return .object(members)
    }
    while true {
      guard try peek() == UInt8(ascii: "\"") else { throw mistake("a key in quotes is missing") }
      let key = try string()
      try take(":", "the ':' after a key")
      members.append(.init(key: key, node: try value(depth: depth)))
      if try peek() == UInt8(ascii: "}") {
        position += 1
        return .object(members)
      }
      try take(",", "a ',' between two members or a '}'")
    }
  }

  private mutating func string() throws(Mistake) -> [UInt8] {
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return text
      case UInt8(ascii: "\\"):
        try escape(into: &text)
      case 0..<0x20:
        throw mistake("a control character stands unescaped in a string")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw mistake("it ends in the middle of a string")
  }

  private mutating func escape(into text: inout [UInt8]) throws(Mistake) {
    guard position + 1 < bytes.count else { throw mistake("it ends in the middle of a string") }
    let letter = bytes[position + 1]
    if letter != UInt8(ascii: "u") {
      guard let byte = Self.unescaped(letter) else {
        throw mistake("an unknown escape in a string")
      }
      text.append(byte)
      position += 2
      return
    }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), bytes[position...].starts(with: [0x5C, 0x75]) {
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw mistake("half of a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw mistake("half of a surrogate pair") }
    text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  private static func unescaped(_ letter: UInt8) -> UInt8? {
    switch Character(Unicode.Scalar(letter)) {
    case "\"", "\\", "/": letter
    case "b": 0x08
    case "f": 0x0C
    case "n": 0x0A
    case "r": 0x0D
    case "t": 0x09
    default: nil
    }
  }

  /// The four digits of a `\u` escape, which is taken.
  private mutating func hexadecimal() throws(Mistake) -> UInt32 {
    let digits = bytes[min(position + 2, bytes.count)..<min(position + 6, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw mistake("an unknown escape in a string") }
    position += 6
    return code
  }
}
