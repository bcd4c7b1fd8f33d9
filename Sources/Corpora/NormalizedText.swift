import Foundation

/// The words of a text in lower case, without punctuation, in compatibility normal form, each
/// preceded by a blank and with a blank at the end, as in " how to restore a file ".
///
/// Texts are equal if these bytes are equal, and a text contains another if its bytes contain the
/// other's. In scripts without spaces (Han, Kana) each character is a word.
package struct NormalizedText: Sendable, Equatable {
  /// The words in UTF-8; a single blank if there are none.
  package private(set) var bytes: [UInt8] = [Self.blank]

  private static let blank = UInt8(ascii: " ")

  /// The words of a text.
  package init(_ text: String) {
    let utf8 = Array(text.utf8)
    bytes.reserveCapacity(utf8.count + 2)
    if utf8.allSatisfy({ $0 < 0x80 }) {
      for byte in utf8 { append(ascii: byte) }
    } else {
      for scalar in text.precomposedStringWithCompatibilityMapping.unicodeScalars {
        append(scalar)
      }
    }
    endWord()
  }

  /// Whether there are no words.
  package var isEmpty: Bool { bytes.count == 1 }

  /// A hash of the words; different texts collide with probability 2⁻⁶⁴.
  package var hash: UInt64 { mixed(fowler(bytes.span)) }

  /// Whether the words of `other` occur consecutively in this text.
  package func contains(_ other: NormalizedText) -> Bool {
    let (all, part) = (bytes.span, other.bytes.span)
    guard !other.isEmpty, part.count <= all.count else { return false }
    for start in 0...(all.count - part.count) where all[start] == Self.blank {
      var length = 1
      while length < part.count, all[start + length] == part[length] { length += 1 }
      if length == part.count { return true }
    }
    return false
  }

  /// The number of words.
  package var wordCount: Int { bytes.count { $0 == Self.blank } - 1 }

  /// The hash of each word.
  package var wordHashes: [UInt64] {
    let span = bytes.span
    var hashes: [UInt64] = []
    var start = 1
    for index in span.indices.dropFirst() where span[index] == Self.blank {
      hashes.append(mixed(fowler(span.extracting(start..<index))))
      start = index + 1
    }
    return hashes
  }

  private mutating func append(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      bytes.append(byte)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
    default: endWord()
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    if scalar.isASCII { return append(ascii: UInt8(scalar.value)) }
    let properties = scalar.properties
    let isMark = [.nonspacingMark, .spacingMark].contains(properties.generalCategory)
    guard properties.isAlphabetic || properties.numericType != nil || isMark else {
      return endWord()
    }
    let standsAlone = properties.isIdeographic || (0x3040...0x30FF).contains(scalar.value)
    if standsAlone { endWord() }
    bytes.append(contentsOf: properties.lowercaseMapping.utf8)
    if standsAlone { endWord() }
  }

  private mutating func endWord() {
    if bytes.last != Self.blank { bytes.append(Self.blank) }
  }
}

/// FNV-1a.
private func fowler(_ bytes: Span<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
  return hash
}

/// The hash of an id: the same in every run of the program.
package func stableHash(_ text: String) -> UInt64 { mixed(fowler(text.utf8Span.span)) }

/// Every bit of the result depends on every bit of `value` (the finish of MurmurHash3).
package func mixed(_ value: UInt64) -> UInt64 {
  var value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
  value = (value ^ (value >> 33)) &* 0xC4CE_B9FE_1A85_EC53
  return value ^ (value >> 33)
}
