/// Goes through JSON (RFC 8259) token by token, without recursion and without building anything: the
/// one grammar that all readers of JSON bytes stand on.
///
/// Strings and numbers are given as ranges of the bytes, which are taken to be UTF-8. Memory is one
/// flag for each open bracket. O(n).
package struct JSONScanner {
  /// A token.
  package enum Event: Sendable, Equatable {
    case null
    case bool(Bool)
    /// The characters of a number.
    case number(Range<Int>)
    case string(Text)
    /// A key of the innermost object.
    case key(Text)
    case openObject
    case openArray
    case closeObject
    case closeArray
    /// The end of the text; it is given again by every further call.
    case end
  }

  /// A string as it stands between its quotation marks.
  package struct Text: Sendable, Equatable {
    /// The bytes between the quotation marks.
    package var range: Range<Int>
    /// By about how many bytes its escapes are longer than what they stand for; 0 where there are no
    /// escapes.
    package var spareBytes: Int

    package init(_ range: Range<Int>, spareBytes: Int = 0) {
      self.range = range
      self.spareBytes = spareBytes
    }

    /// Whether the bytes can be taken as they are.
    package var isPlain: Bool { spareBytes == 0 }
  }

  /// What passes for a number.
  package enum Numbers: Sendable {
    /// What the grammar has.
    case strict
    /// Any run of digits, signs, points and exponents; the caller judges it.
    case unchecked
  }

  /// What becomes of escapes of half of a surrogate pair.
  package enum Halves: Sendable {
    /// They are mistakes.
    case refused
    /// They are listed in `loneSurrogates`, and decoded as U+FFFD.
    case listed
  }

  /// The text.
  package let bytes: [UInt8]
  /// The byte at which the last event starts.
  package private(set) var start: Int
  /// The byte after the last event.
  package internal(set) var position: Int
  /// Where escapes of half of a surrogate pair begin.
  package internal(set) var loneSurrogates: [Int] = []

  /// The brackets that are open; true for an object.
  private var open: [Bool] = []
  private var state = State.value
  private let deepest: Int
  private let numbers: Numbers
  let halves: Halves

  /// What the grammar allows next.
  private enum State { case value, firstItem, firstKey, colon, separator }

  /// - Parameters:
  ///   - bytes: the text.
  ///   - position: the byte it starts at.
  ///   - deepest: how many brackets may be open.
  package init(
    _ bytes: [UInt8], from position: Int = 0, deepest: Int, numbers: Numbers = .strict,
    halves: Halves = .refused
  ) {
    self.bytes = bytes
    self.position = position
    self.deepest = deepest
    self.numbers = numbers
    self.halves = halves
    start = position
  }

  /// How many brackets are open.
  package var depth: Int { open.count }

  /// Whether the innermost open bracket is an object's.
  package var isInObject: Bool { open.last ?? false }

  /// The next token.
  package mutating func next() throws(JSONMistake) -> Event {
    skipSpace()
    start = position
    switch state {
    case .value: return try value()
    case .firstItem: return byte == UInt8(ascii: "]") ? close() : try value()
    case .firstKey: return byte == UInt8(ascii: "}") ? close() : try key()
    case .colon:
      guard byte == UInt8(ascii: ":") else { throw mistake(.missingColon) }
      position += 1
      return try value()
    case .separator: return try separated()
    }
  }

  /// The token after a value.
  private mutating func separated() throws(JSONMistake) -> Event {
    guard let isInObject = open.last else {
      if position < bytes.count { throw mistake(.trailingText) }
      return .end
    }
    switch byte {
    case UInt8(ascii: ","):
      position += 1
      skipSpace()
      if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        throw mistake(.trailingComma(isInObject: isInObject))
      }
      return isInObject ? try key() : try value()
    case isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]"): return close()
    default: throw mistake(.missingComma(isInObject: isInObject))
    }
  }

  private mutating func value() throws(JSONMistake) -> Event {
    skipSpace()
    start = position
    state = .separator
    switch byte {
    case UInt8(ascii: "{"):
      try enter(isObject: true)
      return .openObject
    case UInt8(ascii: "["):
      try enter(isObject: false)
      return .openArray
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func key() throws(JSONMistake) -> Event {
    start = position
    guard byte == UInt8(ascii: "\"") else { throw mistake(.missingKey) }
    state = .colon
    return .key(try string())
  }

  private mutating func enter(isObject: Bool) throws(JSONMistake) {
    guard open.count < deepest else { throw mistake(.nestedTooDeeply) }
    open.append(isObject)
    state = isObject ? .firstKey : .firstItem
    position += 1
  }

  private mutating func close() -> Event {
    position += 1
    state = .separator
    return open.removeLast() ? .closeObject : .closeArray
  }

  private mutating func word(_ word: String, _ event: Event) throws(JSONMistake) -> Event {
    guard bytes[position...].starts(with: word.utf8) else { throw mistake(.missingValue) }
    position += word.utf8.count
    return event
  }

  private mutating func number() throws(JSONMistake) -> Range<Int> {
    if numbers == .unchecked {
      while let byte, Self.isNumeric(byte) { position += 1 }
      if position == start { throw mistake(.missingValue) }
      return start..<position
    }
    guard let first = byte, first == UInt8(ascii: "-") || Self.isDigit(first) else {
      throw mistake(.missingValue)
    }
    if byte == UInt8(ascii: "-") { position += 1 }
    if byte == UInt8(ascii: "0") { position += 1 } else { try digits() }
    if byte == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      position += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return start..<position
  }

  private mutating func digits() throws(JSONMistake) {
    let first = position
    while let byte, Self.isDigit(byte) { position += 1 }
    if position == first { throw mistake(.missingDigit) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isNumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
    default: false
    }
  }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// The byte at the position; nil at the end.
  var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  func mistake(_ kind: JSONMistake.Kind) -> JSONMistake { .init(kind, byte: position) }
}
