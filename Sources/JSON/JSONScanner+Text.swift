extension JSONScanner {
  /// Goes over a string from its quotation mark.
  mutating func string() throws(JSONMistake) -> Text {
    position += 1
    let start = position
    var spareBytes = 0
    while true {
      position = unsafe bytes.span.bytes.endOfPlainText(from: position)
      guard let byte else { throw mistake(.unfinishedString) }
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return Text(start..<position - 1, spareBytes: spareBytes)
      case UInt8(ascii: "\\"): spareBytes += try escape()
      default: throw mistake(.controlCharacter)
      }
    }
  }

  /// Goes over an escape; about how many bytes it is longer than what it stands for.
  private mutating func escape() throws(JSONMistake) -> Int {
    guard position + 1 < bytes.count else { throw mistake(.unfinishedString) }
    guard bytes[position + 1] == UInt8(ascii: "u") else {
      if Self.unescaped(bytes[position + 1]) == nil { throw mistake(.unknownEscape) }
      position += 2
      return 1
    }
    guard let unit = escapedUnit(at: position) else { throw mistake(.badUnicodeEscape) }
    if UTF16.isLeadSurrogate(unit), let next = escapedUnit(at: position + 6),
      UTF16.isTrailSurrogate(next)
    {
      position += 6
    } else if UTF16.isSurrogate(unit) {
      try half(isLead: UTF16.isLeadSurrogate(unit))
    }
    position += 6
    // What is written so has two bytes of UTF-8 or three.
    return 3
  }

  private mutating func half(isLead: Bool) throws(JSONMistake) {
    guard halves == .refused else { return loneSurrogates.append(position) }
    let next = position + 6
    if isLead, bytes[next...].starts(with: [0x5C, 0x75]), escapedUnit(at: next) == nil {
      throw JSONMistake(.badUnicodeEscape, byte: next)
    }
    throw mistake(.halfSurrogate)
  }

  /// The number of an escape such as `\ud83d`; nil where there is none.
  package func escapedUnit(at place: Int) -> UInt16? { Self.escapedUnit(at: place, of: bytes) }

  private static func escapedUnit(at place: Int, of bytes: [UInt8]) -> UInt16? {
    guard place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"),
      bytes[place + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt16 = 0
    for byte in bytes[place + 2..<place + 6] {
      guard let digit = hexadecimalDigit(byte) else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// The value of a hexadecimal digit; nil for any other character.
  package static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The bytes that a string of this text stands for.
  package func decoded(_ text: Text) -> [UInt8] { Self.decoded(text, of: bytes) }

  /// The bytes that a string of a text stands for.
  static func decoded(_ text: Text, of bytes: [UInt8]) -> [UInt8] {
    if text.isPlain { return Array(bytes[text.range]) }
    var result: [UInt8] = []
    result.reserveCapacity(text.range.count)
    var place = text.range.lowerBound
    while place < text.range.upperBound {
      guard bytes[place] == UInt8(ascii: "\\") else {
        result.append(bytes[place])
        place += 1
        continue
      }
      guard let unit = escapedUnit(at: place, of: bytes) else {
        result.append(unescaped(bytes[place + 1]) ?? bytes[place + 1])
        place += 2
        continue
      }
      place += 6
      var code = UInt32(unit)
      if UTF16.isLeadSurrogate(unit), let low = escapedUnit(at: place, of: bytes),
        UTF16.isTrailSurrogate(low)
      {
        code = 0x10000 + (code - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        place += 6
      }
      let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
      result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
    return result
  }

  /// What a letter after a backslash stands for; nil where it cannot be escaped.
  private static func unescaped(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }
}

extension RawSpan {
  /// Where from a place on the first byte is that text in a JSON string may not have as it is: a
  /// quotation mark, a backslash or a control character; the end where there is none.
  ///
  /// JSON is mostly such text, so eight bytes are looked at together, each in its own eighth of a
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
