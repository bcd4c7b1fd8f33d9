/// The WordPiece model: splits a word into the longest piece that it starts with, then the longest
/// continuation piece that the rest starts with, and so on; a word that cannot be split becomes the
/// unknown token.
///
/// Schuster and Nakajima, "Japanese and Korean voice search", 2012; greedy as in BERT.
struct WordPiece: Sendable {
  /// All pieces, continuations with their prefix.
  let pieces: Vocabulary
  /// The id of the token for words that cannot be split.
  let unknown: Int32
  /// The maximum number of scalars of a word; longer words are unknown.
  let longestWord: Int
  /// The prefix of continuations.
  let continuationPrefix: [UInt8]
  /// The node of the trie at the end of the prefix, from which continuations are searched.
  private let continuation: UInt32?

  /// A model over `pieces`, in which continuations start with `continuationPrefix`.
  init(pieces: Vocabulary, continuationPrefix: [UInt8], unknown: Int32, longestWord: Int) {
    self.pieces = pieces
    self.unknown = unknown
    self.longestWord = longestWord
    self.continuationPrefix = continuationPrefix
    continuation = pieces.trie.node(of: continuationPrefix)
  }

  /// Appends the ids of one word of well-formed, normalised UTF-8, which is not empty.
  func append(_ word: Span<UInt8>, to ids: inout [Int32]) {
    if word.count > longestWord, Self.scalarCount(word) > longestWord {
      ids.append(unknown)
      return
    }
    let trie = pieces.trie
    let first = ids.count
    guard var match = trie.longest(in: word, from: 0, node: PieceTrie.root) else {
      ids.append(unknown)
      return
    }
    ids.append(match.id)
    while match.end < word.count {
      guard let continuation,
        let next = trie.longest(in: word, from: match.end, node: continuation)
      else {
        ids.removeLast(ids.count - first)
        ids.append(unknown)
        return
      }
      ids.append(next.id)
      match = next
    }
  }

  private static func scalarCount(_ text: Span<UInt8>) -> Int {
    var count = 0
    for index in text.indices where text[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }
}
