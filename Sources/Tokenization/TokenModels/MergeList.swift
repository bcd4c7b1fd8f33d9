/// Reads a list of merges into a table, and checks them.
struct MergeList {
  /// The merges so far.
  private(set) var table: MergeTable
  /// Whether a merge produces a piece with a `▁` after another scalar.
  private(set) var joinsWords = false
  private let pieces: Vocabulary
  private let prefix: Int
  private var rank: UInt32 = 0

  /// What is wrong with a merge.
  struct Problem: Error {
    /// The predicate of a sentence about the merge.
    let words: String

    /// A description of a valid merge.
    static let expected = "two tokens of the vocabulary whose concatenation is a token as well"
  }

  /// An empty list with room for `capacity` merges of `pieces`; `prefix` is the number of bytes of
  /// the prefix of those that continue a word.
  init(pieces: Vocabulary, prefix: Int, capacity: Int) {
    self.pieces = pieces
    self.prefix = prefix
    table = MergeTable(capacity: capacity)
  }

  /// Adds the next merge; a duplicate takes the new rank.
  mutating func add(_ left: [UInt8], _ right: [UInt8]) throws(Problem) {
    let leftID = try id(of: left)
    let rightID = try id(of: right)
    guard right.count >= prefix else {
      throw Problem(
        words: "has '\(Self.text(right))' on the right, shorter than the continuation prefix")
    }
    let merged = left + right.dropFirst(prefix)
    guard let id = pieces.id(of: merged) else {
      throw Problem(words: "produces '\(Self.text(merged))', which is not in the vocabulary")
    }
    if BPE.wordStart(in: merged.span, after: 0) != nil { joinsWords = true }
    table.insert(leftID, rightID, MergeTable.Merge(rank: rank, id: id))
    rank += 1
  }

  private func id(of piece: [UInt8]) throws(Problem) -> Int32 {
    guard let id = pieces.id(of: piece) else {
      throw Problem(words: "contains '\(Self.text(piece))', which is not in the vocabulary")
    }
    return id
  }

  private static func text(_ piece: [UInt8]) -> String { String(decoding: piece, as: UTF8.self) }
}
