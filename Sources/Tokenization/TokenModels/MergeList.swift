/// Reads a list of merges into a table, and checks them.
struct MergeList {
  /// The merges so far.
  private(set) var table: MergeTable
  /// What the merges join.
  private(set) var summary = Summary()
  private let pieces: Vocabulary
  private let prefix: Int
  private let others: Set<Int32>
  private var rank: UInt32 = 0

  /// What a list of merges joins.
  struct Summary: Sendable {
    /// Whether a merge joins or produces a token for scalars that are not pieces.
    var joinsOthers = false
    /// The scalars other than `▁` that a merge joins with a `▁` after them.
    var openEnds: Set<[UInt8]> = []
  }

  /// What is wrong with a merge.
  struct Problem: Error {
    /// The predicate of a sentence about the merge.
    let words: String

    /// A description of a valid merge.
    static let expected = "two tokens of the vocabulary whose concatenation is a token as well"
  }

  /// An empty list with room for `capacity` merges of `pieces`; `prefix` is the number of bytes of
  /// the prefix of those that continue a word, `others` the tokens for scalars that are not pieces.
  init(pieces: Vocabulary, prefix: Int, others: Set<Int32>, capacity: Int) {
    self.pieces = pieces
    self.prefix = prefix
    self.others = others
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
    if others.contains(leftID) || others.contains(rightID) || others.contains(id) {
      summary.joinsOthers = true
    }
    if right.starts(with: WordCuts.mark), let end = left.lastScalar, end != WordCuts.mark {
      summary.openEnds.insert(end)
    }
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

extension [UInt8] {
  /// The bytes of the last scalar of well-formed UTF-8; nil if there is none.
  fileprivate var lastScalar: [UInt8]? {
    lastIndex { $0 & 0xC0 != 0x80 }.map { Array(self[$0...]) }
  }
}
