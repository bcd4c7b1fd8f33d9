/// A cache of words and their pieces, for words of up to 15 bytes and three pieces: one entry per
/// hash, so that a look-up is one load and a later word overwrites an earlier one.
struct WordCache: TokenCache, Sendable {
  /// A word of up to 15 bytes as two numbers: its bytes in order from the lowest, and its length in
  /// the highest byte, so that different words have different keys for all contents.
  struct Key: Sendable, Equatable {
    var low: UInt64
    var high: UInt64

    static let longestWord = 15

    /// The key of a word given by its first eight bytes and the rest, padded with zeros.
    @inline(__always)
    init(low: UInt64, high: UInt64, length: Int) {
      self.low = low
      self.high = high | UInt64(truncatingIfNeeded: length) << 56
    }

    /// The key of a word of at most `longestWord` bytes.
    init(_ word: Span<UInt8>) {
      var halves: (low: UInt64, high: UInt64) = (0, 0)
      for index in word.indices {
        let byte = UInt64(word[index]) << UInt64(index % 8 * 8)
        if index < 8 { halves.low |= byte } else { halves.high |= byte }
      }
      self.init(low: halves.low, high: halves.high, length: word.count)
    }

    /// The length of the word in bytes.
    var length: Int { Int(high >> 56) }

    @inline(__always)
    fileprivate var slot: Int {
      let mixed = (low ^ (high &* 0xC2B2_AE3D_27D4_EB4F)) &* 0x9E37_79B9_7F4A_7C15
      return Int(truncatingIfNeeded: (mixed ^ mixed >> 29) >> (64 - 29 - WordCache.bits))
        & (1 << WordCache.bits - 1)
    }
  }

  /// A word's pieces; a count of 0 marks an empty entry.
  private struct Entry: Sendable {
    var key = Key(low: 0, high: 0, length: 0)
    var first: Int32 = 0
    var second: Int32 = 0
    var third: Int32 = 0
    var count: Int32 = 0
  }

  private static let bits = 14

  private var entries = [Entry](repeating: Entry(), count: 1 << Self.bits)

  @inline(__always)
  static func key(of word: Span<UInt8>) -> Key? {
    word.count <= Key.longestWord ? Key(word) : nil
  }

  /// Removes every word.
  mutating func removeAll() {
    for index in entries.indices { entries[index].count = 0 }
  }

  /// Appends the pieces of the word to `ids`, or returns false if it is not in the cache.
  @inline(__always)
  func append(_ key: Key, to ids: inout [Int32]) -> Bool {
    let entry = entries[key.slot]
    guard entry.key == key, entry.count > 0 else { return false }
    ids.append(entry.first)
    if entry.count > 1 {
      ids.append(entry.second)
      if entry.count > 2 { ids.append(entry.third) }
    }
    return true
  }

  /// Stores the last `count` of `ids` as the pieces of the word, if there are at most three.
  mutating func remember(_ key: Key, asLast count: Int, of ids: [Int32]) {
    guard (1...3).contains(count) else { return }
    let pieces = ids[(ids.count - count)...]
    let start = pieces.startIndex
    entries[key.slot] = Entry(
      key: key, first: pieces[start], second: count > 1 ? pieces[start + 1] : 0,
      third: count > 2 ? pieces[start + 2] : 0, count: Int32(count))
  }
}
