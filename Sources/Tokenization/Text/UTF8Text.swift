/// Reading and repairing UTF-8.
enum UTF8Text {
  /// The scalar that starts at `index` of well-formed UTF-8, and its length in bytes.
  @inline(__always)
  static func scalar(at index: Int, of text: Span<UInt8>) -> (value: UInt32, length: Int) {
    let first = UInt32(text[index])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(text[index + 1]) & 0x3F
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(text[index + 2]) & 0x3F
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    return ((first & 0x07) << 18 | second << 12 | third << 6 | UInt32(text[index + 3]) & 0x3F, 4)
  }

  /// Appends the UTF-8 of `scalar`.
  @inline(__always)
  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    if scalar < 0x80 {
      bytes.append(UInt8(scalar))
    } else if scalar < 0x800 {
      bytes.append(UInt8(0xC0 | scalar >> 6))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    } else {
      if scalar < 0x10000 {
        bytes.append(UInt8(0xE0 | scalar >> 12))
      } else {
        bytes.append(UInt8(0xF0 | scalar >> 18))
        bytes.append(UInt8(0x80 | scalar >> 12 & 0x3F))
      }
      bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    }
  }

  /// The first ill-formed byte at or after `start`, or nil.
  static func firstInvalid(in text: Span<UInt8>, from start: Int = 0) -> Int? {
    var index = start
    while index < text.count {
      if text[index] < 0x80 {
        index += 1
        while index + 8 <= text.count, text.number(index..<index + 8) & 0x8080_8080_8080_8080 == 0 {
          index += 8
        }
      } else {
        let (length, isValid) = sequence(at: index, of: text)
        if !isValid { return index }
        index += length
      }
    }
    return nil
  }

  /// Writes `text` into `repaired` with U+FFFD for every maximal part of an ill-formed sequence
  /// (Unicode 3.9, as in Python's `errors="replace"`); returns the number of bytes replaced.
  static func repair(_ text: Span<UInt8>, into repaired: inout [UInt8]) -> Int {
    repaired.removeAll(keepingCapacity: true)
    var index = 0
    var replaced = 0
    while index < text.count {
      let (length, isValid) = sequence(at: index, of: text)
      if isValid {
        for byte in index..<index + length { repaired.append(text[byte]) }
      } else {
        append(0xFFFD, to: &repaired)
        replaced += length
      }
      index += length
    }
    return replaced
  }

  /// The length of the well-formed sequence at `index`, or of the ill-formed part that one
  /// replacement character replaces (Unicode, table 3-7).
  private static func sequence(
    at index: Int, of text: Span<UInt8>
  ) -> (length: Int, isValid: Bool) {
    let first = text[index]
    let second: ClosedRange<UInt8>
    let length: Int
    switch first {
    case 0..<0x80: return (1, true)
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return (1, false)
    }
    guard index + 1 < text.count, second.contains(text[index + 1]) else { return (1, false) }
    for offset in 2..<max(length, 2) {
      guard index + offset < text.count, text[index + offset] & 0xC0 == 0x80 else {
        return (offset, false)
      }
    }
    return (length, true)
  }
}

extension Span<UInt8> {
  /// The first eight bytes of `range` as a number, the first byte in the lowest bits, padded with
  /// zeros.
  @inline(__always)
  func number(_ range: Range<Int>) -> UInt64 {
    if range.lowerBound + 8 <= count {
      // One load of eight bytes.
      let word = extracting(range.lowerBound..<range.lowerBound + 8)
      var number = UInt64(word[0]) | UInt64(word[1]) << 8
      number |= UInt64(word[2]) << 16 | UInt64(word[3]) << 24
      number |= UInt64(word[4]) << 32 | UInt64(word[5]) << 40
      number |= UInt64(word[6]) << 48 | UInt64(word[7]) << 56
      return range.count >= 8 ? number : number & (1 << UInt64(range.count * 8) - 1)
    }
    var number: UInt64 = 0
    for (place, index) in range.prefix(8).enumerated() {
      number |= UInt64(self[index]) << UInt64(place * 8)
    }
    return number
  }
}
