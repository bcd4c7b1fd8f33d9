/// How every token is merged from others, if merges happen in the order of the list.
///
/// Tells whether two adjacent tokens are the tokens of their texts without merging anything: what is
/// at both sides of the boundary is followed back in time, from the tokens to their scalars. The
/// idea is that of GitHub's crate `bpe`, whose tokens have one merge each.
struct MergeTree: Sendable {
  /// The last merge of a token.
  private struct Split: Sendable {
    var left: Int32 = -1
    var right: Int32 = -1
    /// The rank of the merge; -1 for a token that is not merged from others.
    var rank: Int64 = -1
    /// Whether the token's text is merged to the token.
    var isWhole = true
  }

  private let splits: [Split]

  /// The maximum number of parts of a token.
  private static let mostParts = 64

  /// The tree of the tokens with the ids in `0..<count`, of which `parts` gives what each is merged
  /// from; nil if a merge comes before one of its tokens can be there.
  init?(count: Int, merges: MergeTable, parts: (Int32) -> ArraySlice<Int32>) {
    var splits = [Split](repeating: Split(), count: count)
    for id in 0..<Int32(count) {
      let parts = parts(id)
      if parts.count > Self.mostParts { return nil }
      if parts.count > 1 { splits[Int(id)] = Self.split(of: id, Array(parts), merges) }
    }
    let isOrdered = merges.allSatisfy { left, right, merge in
      let (left, right) = (splits[Int(left)], splits[Int(right)])
      return !left.isWhole || !right.isWhole || Int64(merge.rank) > max(left.rank, right.rank)
    }
    guard isOrdered else { return nil }
    self.splits = splits
  }

  private static func split(of id: Int32, _ parts: [Int32], _ merges: MergeTable) -> Split {
    var ids = parts
    while true {
      let found = ids.indices.dropLast().map { merges.merge(ids[$0], ids[$0 + 1]) }
      guard let rank = found.map(\.rank).min(), rank != MergeTable.Merge.none,
        let place = found.firstIndex(where: { $0.rank == rank })
      else { return Split(isWhole: false) }
      if ids.count == 2 {
        return Split(
          left: ids[0], right: ids[1], rank: Int64(rank), isWhole: found[place].id == id)
      }
      ids[place] = found[place].id
      ids.remove(at: place + 1)
    }
  }

  /// Whether the merges of a token's text result in the token.
  func isWhole(_ id: Int32) -> Bool { splits[Int(id)].isWhole }

  /// Whether two tokens, each of them that of its text, are the tokens of both texts together.
  func areApart(_ left: Int32, _ right: Int32, by merges: MergeTable) -> Bool {
    let splits = splits.span
    var (left, right) = (left, right)
    // When the tokens beside the boundary are merged with others.
    var (leftEnd, rightEnd) = (Int64.max, Int64.max)
    while true {
      let merge = merges.merge(left, right)
      if merge.rank != MergeTable.Merge.none, Int64(merge.rank) < leftEnd,
        Int64(merge.rank) <= rightEnd
      {
        return false
      }
      let (first, second) = (splits[Int(left)], splits[Int(right)])
      // Of equal merges the left one is first, so the right one is undone first.
      if first.rank > second.rank {
        leftEnd = first.rank
        left = first.right
      } else if second.rank >= 0 {
        rightEnd = second.rank
        right = second.left
      } else {
        return true
      }
    }
  }
}
