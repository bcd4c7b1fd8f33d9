import Tokenization

/// The checksum of the words that a model is given for texts: CRC-32 as zlib computes it, with U+001F
/// after a word and U+001E after a text.
struct WordChecksum {
  private static let table = (0..<UInt32(256)).map { byte in
    (0..<8).reduce(byte) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1 }
  }

  private var rest: UInt32 = 0xFFFF_FFFF

  var value: UInt32 { ~rest }

  mutating func add(_ text: [UInt8], _ tokenizer: Tokenizer, _ scratch: inout Tokenizer.Scratch) {
    var next = rest
    tokenizer.forEachWord(of: text.span, using: &scratch) { word in
      for index in word.indices { Self.add(word[index], to: &next) }
      Self.add(0x1F, to: &next)
    }
    Self.add(0x1E, to: &next)
    rest = next
  }

  private static func add(_ byte: UInt8, to rest: inout UInt32) {
    rest = table[Int(UInt8(truncatingIfNeeded: rest) ^ byte)] ^ rest >> 8
  }
}
