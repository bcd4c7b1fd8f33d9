/// The merges of pairs of adjacent tokens with their order: an open-addressing table, so that a
/// look-up is usually one load.
struct MergeTable: Sendable {
  /// The result of a pair. Lower ranks are merged first.
  struct Merge: Sendable {
    /// The position in the list of merges; `none` if the pair is not merged.
    var rank: UInt32
    /// The id of the result.
    var id: Int32

    /// The rank of pairs that are not merged.
    static let none = UInt32.max
  }

  private struct Entry: Sendable {
    /// The ids of the pair, the left one in the upper half; `free` in an empty entry.
    var pair: UInt64
    var merge: Merge
  }

  private static let free = UInt64.max
  private static let absent = Merge(rank: Merge.none, id: 0)

  /// The count is a power of two, at least twice the number of pairs.
  private var entries: [Entry]
  private let shift: UInt64

  /// A table with room for `capacity` pairs.
  init(capacity: Int) {
    var bits = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    entries = Array(repeating: Entry(pair: Self.free, merge: Self.absent), count: 1 << bits)
    shift = UInt64(64 - bits)
  }

  /// Adds a pair of non-negative ids; a duplicate takes the new rank. The number of pairs must not
  /// exceed the capacity.
  mutating func insert(_ left: Int32, _ right: Int32, _ merge: Merge) {
    let pair = Self.pair(left, right)
    var slot = slot(of: pair)
    while entries[slot].pair != Self.free, entries[slot].pair != pair {
      slot = (slot + 1) & (entries.count - 1)
    }
    entries[slot] = Entry(pair: pair, merge: merge)
  }

  /// Whether `isTrue` of every pair.
  func allSatisfy(_ isTrue: (_ left: Int32, _ right: Int32, Merge) -> Bool) -> Bool {
    entries.allSatisfy { entry in
      entry.pair == Self.free
        || isTrue(
          Int32(truncatingIfNeeded: entry.pair >> 32), Int32(truncatingIfNeeded: entry.pair),
          entry.merge)
    }
  }

  /// The merge of two adjacent tokens.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> Merge {
    let entries = entries.span
    let pair = Self.pair(left, right)
    var slot = slot(of: pair)
    while true {
      let entry = entries[slot]
      if entry.pair == pair { return entry.merge }
      if entry.pair == Self.free { return Self.absent }
      slot = (slot + 1) & (entries.count - 1)
    }
  }

  @inline(__always)
  private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private func slot(of pair: UInt64) -> Int {
    // Both halves reach the upper bits of the product.
    let mixed = (pair ^ (pair >> 32) &* 0xC2B2_AE3D) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> shift)
  }
}
