/// The properties of every byte that the hot loop needs for text that is not normalised yet.
struct ASCIITable: Sendable {
  /// The class of a byte at word boundaries.
  enum Class {
    /// A letter or digit.
    static let word: UInt8 = 0
    static let whitespace: UInt8 = 1
    /// A word of its own.
    static let punctuation: UInt8 = 2
    /// Anything that needs the normalizer: control characters and all beyond ASCII.
    static let other: UInt8 = 3
  }

  /// The class of every byte.
  let classes: [UInt8]
  /// The id of every punctuation mark, 0 for other bytes.
  let punctuationIDs: [Int32]
  /// 0x20 for lowercasing, else 0.
  let caseBit: UInt64

  init(steps: BertNormalizer.Steps, model: WordPiece) {
    var classes = [UInt8](repeating: Class.other, count: 256)
    var punctuationIDs = [Int32](repeating: 0, count: 256)
    for byte in UInt8(0x20)..<0x7F {
      let isWord = Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte)
      classes[Int(byte)] = isWord ? Class.word : Class.punctuation
      if !isWord, byte != 0x20 {
        var ids: [Int32] = []
        model.append([byte].span, to: &ids)
        punctuationIDs[Int(byte)] = ids[0]
      }
    }
    for byte in [0x20, 0x09, 0x0A, 0x0D] { classes[byte] = Class.whitespace }
    self.classes = classes
    self.punctuationIDs = punctuationIDs
    caseBit = steps.lowercases ? 0x20 : 0
  }

  /// The key of the normal form of `range`, at most 15 ASCII letters and digits.
  @inline(__always)
  func key(of range: Range<Int>, in text: Span<UInt8>) -> WordCache.Key {
    var halves: (low: UInt64, high: UInt64) = (0, 0)
    for (place, index) in range.enumerated() {
      // Digits have the bit of lower-case letters already.
      let byte = (UInt64(text[index]) | caseBit) << UInt64(place % 8 * 8)
      if place < 8 { halves.low |= byte } else { halves.high |= byte }
    }
    return WordCache.Key(low: halves.low, high: halves.high, length: range.count)
  }
}
