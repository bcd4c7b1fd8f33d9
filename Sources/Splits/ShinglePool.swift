import Corpora

/// The shingles of many queries, and the pairs of them that are similar.
///
/// A band of a query is the minimum of each of six hash functions over its shingles; a pair with
/// similarity s agrees in a band with probability s⁶, and in at least one of thirty with 1 − (1 −
/// s⁶)³⁰, which is 0.9999 for 0.8 and 0.38 for 0.5. Queries that agree in a band are compared.
struct ShinglePool {
  private static let rows = 6
  private static let bands = 30
  /// The most queries with the same band that one is compared with: those just before it, so that
  /// time is bounded whatever the queries are.
  private static let most = 64

  /// The hashes of all queries, one query after the other.
  private var hashes: [UInt32] = []
  private var ends: [Int] = []
  private var numbers: [UInt64] = []

  mutating func append(_ query: QueryShingles) {
    hashes += query.hashes
    ends.append(hashes.count)
    numbers.append(query.numbers)
  }

  private func range(_ query: Int) -> Range<Int> {
    (query == 0 ? 0 : ends[query - 1])..<ends[query]
  }

  /// Calls `body` with pairs of similarity `near` or more, the earlier query first; pairs for which
  /// `isKnown` is true are not compared.
  func forEachPair(
    _ near: Double, _ body: (Int, Int) -> Void, isKnown: (Int, Int) -> Bool
  ) {
    var table = BandTable(ends.count)
    for band in 0..<Self.bands {
      table.removeAll()
      for query in ends.indices {
        let range = range(query)
        if range.isEmpty { continue }
        var earlier = table.insert(key(range, band) ^ numbers[query], query)
        var compared = 0
        while let other = earlier, compared < Self.most {
          compared += 1
          earlier = table.before(other)
          if numbers[other] == numbers[query], !isKnown(other, query),
            similarity(range, self.range(other), atLeast: near) >= near
          {
            body(other, query)
          }
        }
      }
    }
  }

  /// A hash of the minima of a band.
  private func key(_ range: Range<Int>, _ band: Int) -> UInt64 {
    let span = hashes.span
    var key = UInt64(band)
    for row in 0..<Self.rows {
      let number = UInt64(band * Self.rows + row)
      let factor = UInt32(truncatingIfNeeded: mixed(2 * number + 1)) | 1
      let summand = UInt32(truncatingIfNeeded: mixed(2 * number + 2))
      var least = UInt32.max
      for index in range { least = min(least, span[index] &* factor &+ summand) }
      key = mixed(key ^ UInt64(least) &* 0x9E37_79B9_7F4A_7C15)
    }
    return key
  }

  /// The Jaccard similarity of two queries; 0 if their sizes alone keep it below `bound`.
  private func similarity(_ a: Range<Int>, _ b: Range<Int>, atLeast bound: Double) -> Double {
    if Double(min(a.count, b.count)) < bound * Double(max(a.count, b.count)) { return 0 }
    let span = hashes.span
    var (i, j, shared) = (a.lowerBound, b.lowerBound, 0)
    while i < a.upperBound, j < b.upperBound {
      let (left, right) = (span[i], span[j])
      if left == right { shared += 1 }
      i += left <= right ? 1 : 0
      j += right <= left ? 1 : 0
    }
    return Double(shared) / Double(a.count + b.count - shared)
  }
}

/// Queries by a key, each linked to the one before it with the same key.
private struct BandTable {
  private var keys: [UInt64]
  /// Numbers of queries plus one by key; 0 marks a free slot.
  private var slots: [UInt32]
  /// Of each query the number of the one before it plus one; 0 if there is none.
  private var links: [UInt32]

  init(_ count: Int) {
    var size = 16
    while size < count * 2 { size *= 2 }
    keys = [UInt64](repeating: 0, count: size)
    slots = [UInt32](repeating: 0, count: size)
    links = [UInt32](repeating: 0, count: count)
  }

  mutating func removeAll() {
    for index in slots.indices { slots[index] = 0 }
  }

  /// Inserts a query; returns the last one with the key before it.
  mutating func insert(_ key: UInt64, _ query: Int) -> Int? {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key) & mask
    while slots[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
    let former = slots[slot]
    (keys[slot], slots[slot], links[query]) = (key, UInt32(query + 1), former)
    return former == 0 ? nil : Int(former) - 1
  }

  /// The query before this one with the same key.
  func before(_ query: Int) -> Int? { links[query] == 0 ? nil : Int(links[query]) - 1 }
}
