/// What a body is, found in one pass over its bytes before anything is decoded.
///
/// Foundation's decoder lets commas pass behind the last value, and takes half of a surrogate pair
/// for text that is not JSON. So the grammar (RFC 8259) is checked here.
struct BodyOutline: Sendable {
  /// Whether the body is an object.
  private(set) var isObject = false
  /// The keys of the body, in their order.
  private(set) var keys: [String] = []
  /// How many escapes stood for half of a surrogate pair, and were replaced by U+FFFD.
  private(set) var replacedSurrogates = 0
  /// About how many bytes of UTF-8 the strings have that are in lists of the body, one by one; nil
  /// where there are objects in them.
  private(set) var listedTexts: [Int]?

  /// The deepest nesting, and the most keys of a body.
  static let deepest = 64
  static let mostKeys = 100

  /// Reads a body of well-formed UTF-8, and replaces halves of surrogate pairs in it.
  ///
  /// - Throws: 400 for what is not JSON, and 422 for keys that are duplicates or too many.
  init(replacingIn bytes: inout [UInt8]) throws(Refusal) {
    var scanner = JSONScanner(bytes)
    try scanner.scan()
    for place in scanner.loneSurrogates {
      bytes.replaceSubrange(place + 2..<place + 6, with: "fffd".utf8)
    }
    replacedSurrogates = scanner.loneSurrogates.count
    isObject = scanner.isObject
    listedTexts = scanner.hasInnerObjects ? nil : scanner.listedTexts
    var seen: Set<String> = []
    for range in scanner.keys {
      let key = Self.text(bytes[range])
      guard seen.insert(key).inserted else {
        throw Refusal(422, "'\(String(key.unicodeScalars.prefix(40)))' is a duplicate key")
      }
      keys.append(key)
    }
  }

  /// A key between its quotation marks as text.
  private static func text(_ escaped: ArraySlice<UInt8>) -> String {
    guard escaped.contains(UInt8(ascii: "\\")) else {
      return String(decoding: escaped, as: UTF8.self)
    }
    let quoted = [UInt8(ascii: "\"")] + escaped + [UInt8(ascii: "\"")]
    return decoded(String.self, from: quoted) ?? String(decoding: escaped, as: UTF8.self)
  }
}

/// Goes through JSON byte by byte, without recursion.
private struct JSONScanner {
  private(set) var isObject = false
  /// Where the keys of the outermost object are, between their quotation marks.
  private(set) var keys: [Range<Int>] = []
  /// Where escapes of half of a surrogate pair begin.
  private(set) var loneSurrogates: [Int] = []
  /// The bytes of the strings in lists of the outermost object.
  private(set) var listedTexts: [Int] = []
  /// Whether there are objects in the outermost one.
  private(set) var hasInnerObjects = false
  /// By how many bytes the escapes so far are longer than what they stand for.
  private var spareBytes = 0

  private let bytes: [UInt8]
  private var position = 0
  /// The lists and objects that are open; true for an object.
  private var open: [Bool] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func scan() throws(Refusal) {
    skipSpace()
    isObject = byte == UInt8(ascii: "{")
    repeat {
      try value()
      // A value ends as many lists and objects as there are brackets behind it.
      while let isInObject = open.last {
        skipSpace()
        switch byte {
        case UInt8(ascii: ","):
          position += 1
          skipSpace()
          if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
            throw mistake("a comma without a value behind it")
          }
        case isInObject ? UInt8(ascii: "}") : UInt8(ascii: "]"):
          position += 1
          open.removeLast()
          continue
        default:
          throw mistake("expected ',' or '\(isInObject ? "}" : "]")'")
        }
        if isInObject { try key() }
        break
      }
    } while !open.isEmpty
    skipSpace()
    if position < bytes.count { throw mistake("text behind the end of the value") }
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func mistake(_ problem: String) -> Refusal {
    Refusal(400, "the body is not JSON: \(problem) at byte \(position)")
  }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Goes over a value, or into lists and objects up to their first value.
  private mutating func value() throws(Refusal) {
    while true {
      skipSpace()
      switch byte {
      case UInt8(ascii: "{"):
        try enter(isObject: true)
        if close(UInt8(ascii: "}")) { return }
        try key()
      case UInt8(ascii: "["):
        try enter(isObject: false)
        if close(UInt8(ascii: "]")) { return }
      case UInt8(ascii: "\""):
        let spare = spareBytes
        let range = try string()
        if open == [true, false] { listedTexts.append(range.count - (spareBytes - spare)) }
        return
      case UInt8(ascii: "t"): return try word("true")
      case UInt8(ascii: "f"): return try word("false")
      case UInt8(ascii: "n"): return try word("null")
      case nil: throw mistake("it ends where a value was expected")
      case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
      default: throw mistake("expected a value")
      }
    }
  }

  private mutating func enter(isObject: Bool) throws(Refusal) {
    guard open.count < BodyOutline.deepest else {
      throw mistake("nested deeper than \(BodyOutline.deepest) levels")
    }
    if isObject, !open.isEmpty { hasInnerObjects = true }
    open.append(isObject)
    position += 1
  }

  private mutating func close(_ bracket: UInt8) -> Bool {
    skipSpace()
    guard byte == bracket else { return false }
    position += 1
    open.removeLast()
    return true
  }

  /// Goes over a key and its colon.
  private mutating func key() throws(Refusal) {
    skipSpace()
    guard byte == UInt8(ascii: "\"") else { throw mistake("expected a key") }
    let range = try string()
    if open.count == 1 {
      guard keys.count < BodyOutline.mostKeys else {
        throw Refusal(422, "the body has more than \(BodyOutline.mostKeys) keys")
      }
      keys.append(range)
    }
    skipSpace()
    guard byte == UInt8(ascii: ":") else { throw mistake("expected ':'") }
    position += 1
  }

  /// Goes over a string; where it is, without its quotation marks.
  private mutating func string() throws(Refusal) -> Range<Int> {
    position += 1
    let start = position
    while true {
      position = unsafe bytes.span.bytes.endOfPlainText(from: position)
      guard let byte else { break }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return start..<position - 1
      case UInt8(ascii: "\\"): try escape()
      default: throw mistake("a control character in a string")
      }
    }
    throw mistake("a string that does not end")
  }

  private mutating func escape() throws(Refusal) {
    guard position + 1 < bytes.count else { throw mistake("a string that does not end") }
    switch bytes[position + 1] {
    case UInt8(ascii: "u"):
      guard let unit = escapedUnit(at: position) else {
        throw mistake("an escape without four hexadecimal digits")
      }
      if UTF16.isLeadSurrogate(unit), let next = escapedUnit(at: position + 6),
        UTF16.isTrailSurrogate(next)
      {
        position += 6
      } else if UTF16.isSurrogate(unit) {
        loneSurrogates.append(position)
      }
      position += 6
      // What is written so has two bytes of UTF-8 or three.
      spareBytes += 3
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
      spareBytes += 1
    default: throw mistake("an unknown escape")
    }
  }

  /// The number of an escape such as `\ud83d`; nil where there is none.
  private func escapedUnit(at place: Int) -> UInt16? {
    guard place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"),
      bytes[place + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for byte in bytes[place + 2..<place + 6] {
      let digit =
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil as UInt8?
        }
      guard let digit else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  private mutating func word(_ word: String) throws(Refusal) {
    guard bytes[position...].starts(with: word.utf8) else { throw mistake("expected a value") }
    position += word.utf8.count
  }

  private mutating func number() throws(Refusal) {
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
  }

  private mutating func digits() throws(Refusal) {
    let start = position
    while let byte, Self.isDigit(byte) { position += 1 }
    if position == start { throw mistake("expected a digit") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension RawSpan {
  /// Where from a place on the first byte is that text in a JSON string may not have as it is: a
  /// quotation mark, a backslash or a control character; the end where there is none.
  ///
  /// Bodies are mostly such text, so eight bytes are looked at together, each in its own eighth of a
  /// number (Lamport 1975, "Multiple byte processing with full-word instructions").
  fileprivate func endOfPlainText(from start: Int) -> Int {
    let (ones, tops) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
    /// The top bit of every byte that is below a bound of at most 128, or above such a byte.
    func below(_ bound: UInt64, _ eight: UInt64) -> UInt64 {
      (eight &- ones &* bound) & ~eight & tops
    }
    var place = start
    while place + 8 <= byteCount {
      let eight = unsafe UInt64(
        littleEndian: unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
      let marks = eight ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslashes = eight ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let found = below(0x20, eight) | below(1, marks) | below(1, backslashes)
      if found != 0 { return place + found.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < byteCount {
      let byte = unsafe unsafeLoad(fromByteOffset: place, as: UInt8.self)
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      place += 1
    }
    return place
  }
}
