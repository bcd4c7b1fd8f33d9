import Diagnostics

/// SentencePiece's precompiled character map: a double array of keys (Darts: Aoe, "An efficient
/// digital search algorithm by using a double-array structure", 1989), and their replacements, each
/// terminated by a zero byte.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let texts: [UInt8]

  /// Reads the map: the length of the double array in bytes, its units, the texts; numbers of 32
  /// bits, little-endian.
  static func read(_ bytes: [UInt8]) -> Result<CharacterMap, Mistake> {
    guard bytes.count >= 4 else { return .failure(Mistake("is shorter than its length field")) }
    func number(at index: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
    }
    let length = Int(number(at: 0))
    guard length > 0, length % 4 == 0, length <= bytes.count - 4 else {
      return .failure(
        Mistake("states \(length) bytes of double array but has \(bytes.count - 4)"))
    }
    let texts = Array(bytes[(4 + length)...])
    if let place = UTF8Text.firstInvalid(in: texts.span) {
      return .failure(Mistake("has a replacement that is not UTF-8, at byte \(4 + length + place)"))
    }
    let map = CharacterMap(
      units: (0..<length / 4).map { number(at: 4 + 4 * $0) }, texts: texts)
    if let mistake = map.mistake { return .failure(mistake) }
    return .success(map)
  }

  /// What is wrong with a map: the end of a sentence.
  struct Mistake: Error {
    let words: String
    init(_ words: String) { self.words = words }
  }

  private init(units: [UInt32], texts: [UInt8]) {
    self.units = units
    self.texts = texts
  }

  /// The first mistake in the nodes that a key can reach, or nil: a look-up then stays inside the
  /// array and the replacements.
  private var mistake: Mistake? {
    var seen = [Bool](repeating: false, count: units.count)
    var open = [0]
    seen[0] = true
    while let node = open.popLast() {
      let unit = units[node]
      let base = node ^ Self.offset(unit)
      guard base | 0xFF < units.count else {
        return Mistake("has an offset outside its double array, in unit \(node)")
      }
      // A look-up can come back to unit 0, so its value counts too.
      if Self.hasValue(unit) {
        let value = Self.value(units[base])
        guard value <= texts.count, value == texts.count || texts[value] & 0xC0 != 0x80 else {
          return Mistake("has a key without a replacement, in unit \(base)")
        }
      }
      for byte in 1..<256 where Self.label(units[base ^ byte]) == UInt32(byte) {
        if !seen[base ^ byte] {
          seen[base ^ byte] = true
          open.append(base ^ byte)
        }
      }
    }
    return nil
  }

  /// The range in `texts` of the replacement of `range` of `text`, or nil if no key is a prefix of
  /// it. The shortest key decides, regardless of the rest of the range.
  func replacement(of range: Range<Int>, in text: Span<UInt8>) -> Range<Int>? {
    let units = units.span
    var node = Self.offset(units[0])
    for index in range {
      let byte = text[index]
      if byte == 0 { return nil }
      node ^= Int(byte)
      let unit = units[node]
      if Self.label(unit) != UInt32(byte) { return nil }
      node ^= Self.offset(unit)
      if Self.hasValue(unit) {
        let start = Self.value(units[node])
        var end = start
        while end < texts.count, texts[end] != 0 { end += 1 }
        return start..<end
      }
    }
    return nil
  }

  /// Appends the replacement of `range` of `text`; false if there is none.
  func append(_ range: Range<Int>, of text: Span<UInt8>, to output: inout [UInt8]) -> Bool {
    guard let found = replacement(of: range, in: text) else { return false }
    texts.span.append(found, to: &output)
    return true
  }

  /// For every byte, whether it is an ASCII character that the map does not change.
  var unchanged: [Bool] {
    (0..<256).map { byte in
      if byte >= 0x80 { return false }
      let text = [UInt8(byte)]
      var output: [UInt8] = []
      return !append(0..<1, of: text.span, to: &output) || output == text
    }
  }

  private static func hasValue(_ unit: UInt32) -> Bool { unit & 1 << 8 != 0 }
  private static func value(_ unit: UInt32) -> Int { Int(unit & 0x7FFF_FFFF) }
  private static func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00FF }
  private static func offset(_ unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 1 << 9) >> 6)
  }
}
