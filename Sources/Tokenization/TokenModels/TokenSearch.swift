/// Finds the tokens of a word from the left, without merging anything: the longest token that the
/// rest of the word starts with and that stays apart from the one before, with steps back where
/// there is none. They are the only ones of which every two adjacent ones stay apart (`WordCuts`).
///
/// For vocabularies most of whose merges join words, so that no cache of words helps; as in GitHub's
/// crate `bpe`.
struct TokenSearch: Sendable {
  private let tree: MergeTree
  /// The tokens that merges of their texts result in.
  private let array: PieceArray
  /// For every token its number of bytes, and the longest other token that it starts with, or -1.
  private let lengths: [Int32]
  private let shorter: [Int32]

  /// The search among those tokens of `pieces` for which `isUsable`, or nil if there are too many.
  init?(pieces: Vocabulary, tree: MergeTree, isUsable: (Int32) -> Bool) {
    var trie = PieceTrie()
    var lengths = [Int32](repeating: 0, count: Int(pieces.highestID) + 1)
    for (token, id) in pieces.all where isUsable(id) && tree.isWhole(id) {
      guard trie.insert(token, id: id) else { return nil }
      lengths[Int(id)] = Int32(token.count)
    }
    var shorter = [Int32](repeating: -1, count: lengths.count)
    for (token, id) in pieces.all where lengths[Int(id)] > 1 {
      let rest = token.dropLast()
      let found = trie.longest(in: Array(rest).span, from: 0, node: PieceTrie.root)
      shorter[Int(id)] = found?.id ?? -1
    }
    self.tree = tree
    self.lengths = lengths
    self.shorter = shorter
    array = PieceArray(trie)
  }

  /// Appends the tokens of `word` from `start` until the first scalar that is not a piece, and
  /// returns its position or the end. `failed`, which is working memory, has to be false for all
  /// positions to the end.
  func append(
    _ word: Span<UInt8>, from start: Int, by merges: MergeTable, failed: inout [Bool],
    to ids: inout [Int32]
  ) -> Int {
    let first = ids.count
    let lengths = lengths.span
    let shorter = shorter.span
    var place = start
    var token = longest(in: word, from: place)
    while token >= 0 {
      let last = ids.count > first ? ids[ids.count - 1] : -1
      while token >= 0 {
        if !failed[place + Int(lengths[Int(token)])],
          last < 0 || tree.areApart(last, token, by: merges)
        {
          break
        }
        token = shorter[Int(token)]
      }
      if token >= 0 {
        ids.append(token)
        place += Int(lengths[Int(token)])
        token = longest(in: word, from: place)
      } else {
        // The tokens of the word exist, so there is one to go back to.
        precondition(last >= 0, "no tokens for a word of \(word.count) bytes")
        failed[place] = true
        ids.removeLast()
        place -= Int(lengths[Int(last)])
        token = last
      }
    }
    return place
  }

  /// The longest token that `word` from `start` starts with, or -1.
  @inline(__always)
  private func longest(in word: Span<UInt8>, from start: Int) -> Int32 {
    var index = start
    var node = PieceArray.root
    var found: Int32 = -1
    while index < word.count, let next = array.child(of: node, word[index]) {
      node = next.node
      if next.id >= 0 { found = next.id }
      index += 1
    }
    return found
  }
}
