/// Ids and their ordinals, packed: about 16 bytes per id besides its own bytes, compared with about
/// a hundred in a dictionary of strings.
struct IdentifierTable: Sendable {
  /// The UTF-8 of all ids, concatenated.
  private var packed: [UInt8] = []
  /// The end of each id in `packed`.
  private var ends: [Int] = []
  /// Ordinals plus one by hash with linear probing; the count is a power of two, and 0 marks a free
  /// slot.
  private var slots = [UInt32](repeating: 0, count: 16)

  /// The number of ids.
  var count: Int { ends.count }

  /// The id with this ordinal.
  subscript(ordinal: Int) -> String { String(decoding: packed[range(ordinal)], as: UTF8.self) }

  /// The ordinal of an id, or nil. O(1).
  func ordinal(of id: String) -> Int? {
    let bytes = Array(id.utf8)
    let slot = slots[slot(for: bytes.span)]
    return slot == 0 ? nil : Int(slot) - 1
  }

  /// Gives `id` the next ordinal and returns nil; if it already has an ordinal, returns that.
  mutating func insert(_ id: Span<UInt8>) -> Int? {
    let slot = slot(for: id)
    if slots[slot] != 0 { return Int(slots[slot]) - 1 }
    for index in id.indices { packed.append(id[index]) }
    ends.append(packed.count)
    slots[slot] = UInt32(ends.count)
    if ends.count * 10 > slots.count * 7 { grow() }
    return nil
  }

  private func range(_ ordinal: Int) -> Range<Int> {
    (ordinal == 0 ? 0 : ends[ordinal - 1])..<ends[ordinal]
  }

  /// The slot of `id`, or the free slot in which it would be inserted.
  private func slot(for id: Span<UInt8>) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash(id)) & mask
    while slots[slot] != 0, !equal(id, range(Int(slots[slot]) - 1)) { slot = (slot + 1) & mask }
    return slot
  }

  private func equal(_ id: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard id.count == range.count else { return false }
    let start = range.lowerBound
    for index in id.indices where id[index] != packed[start + index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for ordinal in ends.indices {
      var slot = Int(truncatingIfNeeded: hash(packed.span.extracting(range(ordinal)))) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(ordinal + 1)
    }
  }
}

/// FNV-1a with the finalizer of MurmurHash3, so that the low bits depend on every byte.
func hash(_ id: Span<UInt8>) -> UInt64 {
  var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  for index in id.indices { hash = (hash ^ UInt64(id[index])) &* 0x100_0000_01b3 }
  hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
  return hash ^ (hash >> 33)
}
