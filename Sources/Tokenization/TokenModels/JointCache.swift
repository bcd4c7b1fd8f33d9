/// A cache of the tokens of two adjacent tokens' texts: one entry per hash, as in `WordCache`.
struct JointCache: Sendable {
  /// The tokens of a pair's texts, at most five; `count` is 0 in an empty entry.
  struct Entry: Sendable {
    fileprivate var pair: UInt64 = 0
    var count: Int32 = 0
    var ids = InlineArray<5, Int32>(repeating: 0)

    static let mostTokens = 5
  }

  private static let bits: UInt64 = 15

  /// Empty until the first pair.
  private var entries: [Entry] = []

  /// Removes every pair.
  mutating func removeAll() {
    for index in entries.indices { entries[index].count = 0 }
  }

  /// The entry of a pair, or nil if it is not in the cache.
  @inline(__always)
  func entry(_ left: Int32, _ right: Int32) -> Entry? {
    let entries = entries.span
    if entries.isEmpty { return nil }
    let pair = Self.pair(left, right)
    let entry = entries[Self.slot(of: pair)]
    return entry.pair == pair && entry.count > 0 ? entry : nil
  }

  /// Stores the tokens of a pair's texts, if there are at most five.
  mutating func remember(_ left: Int32, _ right: Int32, _ ids: [Int32]) {
    guard (1...Entry.mostTokens).contains(ids.count) else { return }
    if entries.isEmpty { entries = [Entry](repeating: Entry(), count: 1 << Self.bits) }
    var entry = Entry()
    entry.pair = Self.pair(left, right)
    entry.count = Int32(ids.count)
    for index in ids.indices { entry.ids[index] = ids[index] }
    entries[Self.slot(of: entry.pair)] = entry
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private static func slot(of pair: UInt64) -> Int {
    let mixed = (pair ^ (pair >> 32) &* 0xC2B2_AE3D) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> (64 - bits))
  }
}
