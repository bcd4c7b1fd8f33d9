import Diagnostics

/// Tokens and their ids, in both directions.
struct Vocabulary: Sendable {
  /// All tokens, for look-up by bytes and for the longest match.
  private(set) var trie = PieceTrie()
  private var tokens: [Int32: [UInt8]] = [:]

  /// The number of different tokens.
  private(set) var count = 0

  /// The highest id, or -1.
  private(set) var highestID: Int32 = -1

  /// The maximum size of a vocabulary, for failures.
  static let limit = "at most \(PieceTrie.mostNodes) bytes of distinct tokens"

  /// An empty vocabulary.
  init() {}

  /// Reads an object of tokens and their ids.
  init(_ section: TokenizerSection) throws(Failure) {
    for (token, id) in try section.members(expected: "an object of tokens and ids") {
      guard add(token, id: try id.integer()) else {
        throw section.unsupported(expected: Self.limit)
      }
    }
  }

  /// Adds a token; an existing token takes the new id. False if the table is full.
  mutating func add(_ token: [UInt8], id: Int32) -> Bool {
    if trie.id(of: token) == nil { count += 1 }
    tokens[id] = token
    highestID = max(highestID, id)
    return trie.insert(token, id: id)
  }

  /// The lowest id of a token that is not one of `excluded`, or nil.
  func lowestID(excluding excluded: Set<Int32>) -> Int32? {
    tokens.keys.lazy.filter { !excluded.contains($0) }.min()
  }

  /// All tokens with their ids, in any order.
  var all: some Sequence<(token: [UInt8], id: Int32)> {
    tokens.lazy.map { (token: $0.value, id: $0.key) }
  }

  /// For each pair of bytes, 256 times the first and the second, whether a token has them next to
  /// each other.
  var neighbours: [Bool] {
    var found = [Bool](repeating: false, count: 1 << 16)
    for token in tokens.values {
      for index in token.indices.dropFirst() {
        found[Int(token[index - 1]) << 8 | Int(token[index])] = true
      }
    }
    return found
  }

  /// The id of a token, or nil.
  func id(of token: some Sequence<UInt8>) -> Int32? { trie.id(of: token) }

  /// The id of the token of a byte, such as `<0x0A>`, or nil.
  func id(ofByte byte: UInt8) -> Int32? {
    let digits = String(byte, radix: 16, uppercase: true)
    return id(of: "<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)
  }

  /// The bytes of the token with this id, or nil.
  func token(of id: Int32) -> [UInt8]? { tokens[id] }
}
