/// Merges the tokens of one word: repeatedly the adjacent pair of the lowest rank, the leftmost
/// first.
///
/// Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units", 2016.
struct PairMerging: Sendable {
  /// The tokens of the word, in order.
  var ids: [Int32] = []
  /// For each token, the merge with its right neighbour.
  private var merges: [MergeTable.Merge] = []
  // For long words: the remaining neighbours, and the rank and position of each possible merge.
  private var previous: [Int32] = []
  private var next: [Int32] = []
  private var heap = MinimumHeap()

  /// The maximum number of tokens for which a linear search of the lowest rank is used: it is
  /// faster than a heap up to here.
  private static let mostForScan = 40

  /// Merges `ids`, fewer than 2³¹.
  mutating func merge(by table: MergeTable) {
    if ids.count < 2 { return }
    merges.removeAll(keepingCapacity: true)
    for index in 0..<ids.count - 1 { merges.append(table.merge(ids[index], ids[index + 1])) }
    if ids.count <= Self.mostForScan {
      let count = Self.scan(&ids, &merges, table)
      ids.removeLast(ids.count - count)
    } else {
      mergeLong(by: table)
    }
  }

  /// Merges `tokens` in place, and returns the number that remains at the front. Takes quadratic
  /// time.
  private static func scan(
    _ tokens: inout [Int32], _ found: inout [MergeTable.Merge], _ table: MergeTable
  ) -> Int {
    var ids = tokens.mutableSpan
    var merges = found.mutableSpan
    var count = ids.count
    while count > 1 {
      var lowest = MergeTable.Merge.none
      var place = 0
      for index in 0..<count - 1 {
        let rank = merges[index].rank
        if rank < lowest {
          lowest = rank
          place = index
        }
      }
      if lowest == MergeTable.Merge.none { break }
      ids[place] = merges[place].id
      count -= 1
      var index = place + 1
      while index < count {
        ids[index] = ids[index + 1]
        merges[index - 1] = merges[index]
        index += 1
      }
      if place > 0 { merges[place - 1] = table.merge(ids[place - 1], ids[place]) }
      if place < count - 1 { merges[place] = table.merge(ids[place], ids[place + 1]) }
    }
    return count
  }

  /// Takes O(n log n) time.
  private mutating func mergeLong(by table: MergeTable) {
    let count = ids.count
    merges.append(MergeTable.Merge(rank: MergeTable.Merge.none, id: 0))
    previous.removeAll(keepingCapacity: true)
    next.removeAll(keepingCapacity: true)
    heap.removeAll()
    for index in 0..<count {
      previous.append(Int32(truncatingIfNeeded: index) - 1)
      next.append(index + 1 < count ? Int32(truncatingIfNeeded: index) + 1 : -1)
      push(index)
    }
    while let lowest = heap.pop() {
      let place = Int(truncatingIfNeeded: lowest & 0xFFFF_FFFF)
      // The pair has changed since it was pushed: ranks are distinct.
      if merges[place].rank != UInt32(truncatingIfNeeded: lowest >> 32) { continue }
      let right = Int(next[place])
      ids[place] = merges[place].id
      next[place] = next[right]
      if next[right] >= 0 { previous[Int(next[right])] = Int32(truncatingIfNeeded: place) }
      merges[right].rank = MergeTable.Merge.none
      ids[right] = -1
      update(place, by: table)
      if previous[place] >= 0 { update(Int(previous[place]), by: table) }
    }
    ids.removeAll { $0 < 0 }
  }

  private mutating func update(_ place: Int, by table: MergeTable) {
    if next[place] < 0 {
      merges[place].rank = MergeTable.Merge.none
    } else {
      merges[place] = table.merge(ids[place], ids[Int(next[place])])
      push(place)
    }
  }

  private mutating func push(_ place: Int) {
    if merges[place].rank == MergeTable.Merge.none { return }
    heap.push(UInt64(merges[place].rank) << 32 | UInt64(truncatingIfNeeded: place))
  }
}

/// A binary heap of numbers, the lowest first.
private struct MinimumHeap: Sendable {
  private var items: [UInt64] = []

  mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  mutating func push(_ item: UInt64) {
    var place = items.count
    items.append(item)
    while place > 0, items[(place - 1) / 2] > item {
      items[place] = items[(place - 1) / 2]
      place = (place - 1) / 2
    }
    items[place] = item
  }

  mutating func pop() -> UInt64? {
    guard let lowest = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return lowest }
    var place = 0
    while true {
      var child = place * 2 + 1
      if child >= items.count { break }
      if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
      if items[child] >= last { break }
      items[place] = items[child]
      place = child
    }
    items[place] = last
    return lowest
  }
}
