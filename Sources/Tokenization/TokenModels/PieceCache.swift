/// A cache of words and their tokens, for words of up to 31 bytes and seven tokens: like
/// `WordCache`, for vocabularies of many scripts, whose words have more bytes and more pieces, and
/// for chunks of text. Two entries per hash: one that is used again and again is not overwritten by
/// words that occur once.
struct PieceCache: TokenCache, Sendable {
  /// A word of up to 31 bytes as four numbers: its bytes in order from the lowest, and in the
  /// highest byte its length and whether the text is unnormalised.
  struct Key: Sendable, Equatable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var third: UInt64 = 0
    private var fourth: UInt64 = 0

    static let longestWord = 31

    /// The key of `range` of `text`, at most `longestWord` bytes.
    @inline(__always)
    init(_ text: Span<UInt8>, _ range: Range<Int>, isRaw: Bool) {
      first = text.number(range)
      if range.count > 8 {
        second = text.number(range.lowerBound + 8..<range.upperBound)
        if range.count > 16 {
          third = text.number(range.lowerBound + 16..<range.upperBound)
          if range.count > 24 { fourth = text.number(range.lowerBound + 24..<range.upperBound) }
        }
      }
      fourth |= UInt64(truncatingIfNeeded: range.count | (isRaw ? 0x80 : 0)) << 56
    }

    fileprivate init() {}

    @inline(__always)
    fileprivate var slot: Int {
      let low = (first ^ (second &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15
      let high = (third &* 0x1656_67B1_9E37_79F9) ^ fourth
      let mixed = (low ^ high ^ low >> 31) &* 0xD6E8_FEB8_6659_FD93
      return Int(truncatingIfNeeded: mixed >> (64 - PieceCache.bits)) << 1
    }
  }

  /// A word's tokens.
  private struct Entry: Sendable {
    var key = Key()
    var count: Int32 = 0
    var ids = InlineArray<7, Int32>(repeating: 0)
  }

  /// Of the number of hashes.
  private static let bits: UInt64 = 15
  private static let mostTokens = 7

  /// Empty until the first word.
  private var entries: [Entry] = []

  @inline(__always)
  static func key(of word: Span<UInt8>) -> Key? {
    word.count <= Key.longestWord ? Key(word, word.indices, isRaw: false) : nil
  }

  /// Removes every word.
  mutating func removeAll() {
    for index in entries.indices { entries[index].key = Key() }
  }

  /// Appends the tokens of the word to `ids`, or returns false if it is not in the cache.
  @inline(__always)
  func append(_ key: Key, to ids: inout [Int32]) -> Bool {
    let entries = entries.span
    if entries.isEmpty { return false }
    var slot = key.slot
    if entries[slot].key != key {
      slot += 1
      if entries[slot].key != key { return false }
    }
    // No word has the key of an empty entry, whose length is 0.
    for index in 0..<Int(entries[slot].count) { ids.append(entries[slot].ids[index]) }
    return true
  }

  /// Stores the last `count` of `ids` as the tokens of the word, if there are at most seven.
  mutating func remember(_ key: Key, asLast count: Int, of ids: [Int32]) {
    guard (1...Self.mostTokens).contains(count) else { return }
    if entries.isEmpty { entries = [Entry](repeating: Entry(), count: 2 << Self.bits) }
    var entry = Entry()
    entry.key = key
    entry.count = Int32(count)
    for index in 0..<count { entry.ids[index] = ids[ids.count - count + index] }
    entries[key.slot + 1] = entries[key.slot]
    entries[key.slot] = entry
  }
}
