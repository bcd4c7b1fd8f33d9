import Tokenization

/// A WordPiece vocabulary in the format of llama.cpp's WordPiece tokenizer: a continuation piece is
/// stored without its prefix, a piece that begins a word with a leading U+2581, and tokens with a
/// role unchanged.
struct GGUFVocabulary {
  /// The type of a token.
  enum Kind: Int32 {
    case normal = 1
    case unknown = 2
    case control = 3
    /// Searched for in texts before they are split.
    case added = 4
    case unused = 5
  }

  private(set) var tokens: [String] = []
  private(set) var kinds: [Int32] = []
  /// The number of tokens that lost their text because another token has the same text.
  private(set) var collisions = 0

  /// The tokens of all `count` rows of the token embeddings: an id without a token gets a token
  /// that matches no text.
  init(_ tokenizer: Tokenizer, count: Int) {
    let special = tokenizer.specialTokens
    let roles = Set(
      [special.cls, special.sep, special.pad, special.unk, special.mask].compactMap { $0?.id })
    let prefix = tokenizer.continuationPrefix
    // Compared as bytes: Swift's strings compare equal if they differ only in Unicode composition.
    var seen: Set<[UInt8]> = []
    for id in 0..<Int32(count) {
      var kind = Kind.unused
      var text = "[PAD\(id)]"
      if let token = tokenizer.token(of: id), tokenizer.id(of: token) == id {
        if roles.contains(id) {
          (kind, text) = (.control, token)
        } else {
          let continues = !prefix.isEmpty && token.utf8.starts(with: prefix.utf8)
          kind = .normal
          text =
            continues
            ? String(decoding: token.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            : "\u{2581}" + token
        }
      }
      // llama.cpp fails an assertion if two tokens are equal, or one is empty.
      if text.isEmpty || !seen.insert(Array(text.utf8)).inserted {
        collisions += 1
        (kind, text) = (.unused, "[DOUBLE\(id)]")
        seen.insert(Array(text.utf8))
      }
      tokens.append(text)
      kinds.append(kind.rawValue)
    }
  }
}
