/// Tokens and their ids, both ways.
struct Vocabulary: Sendable {
  /// All tokens, for look-up by bytes and for the longest match.
  private(set) var trie = PieceTrie()
  private var tokens: [Int32: [UInt8]] = [:]

  /// How many different tokens there are.
  private(set) var count = 0

  /// The highest id, or -1.
  private(set) var highestID: Int32 = -1

  /// Adds a token; one that is there already takes the new id. False where there is no room.
  mutating func add(_ token: [UInt8], id: Int32) -> Bool {
    if trie.id(of: token) == nil { count += 1 }
    tokens[id] = token
    highestID = max(highestID, id)
    return trie.insert(token, id: id)
  }

  /// The id of a token, or nil.
  func id(of token: some Sequence<UInt8>) -> Int32? { trie.id(of: token) }

  /// The bytes of the token with this id, or nil.
  func token(of id: Int32) -> [UInt8]? { tokens[id] }
}
