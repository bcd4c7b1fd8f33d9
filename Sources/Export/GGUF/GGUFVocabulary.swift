import Tokenization

/// A WordPiece vocabulary in the form of llama.cpp's WordPiece tokenizer: a piece that continues a
/// word is stored without its prefix, one that begins a word gets U+2581 in front, and tokens with a
/// role stay unchanged.
struct GGUFVocabulary {
  /// The type of a token.
  enum Kind: Int32 {
    case normal = 1
    case control = 3
    case unused = 5
  }

  private(set) var tokens: [String] = []
  private(set) var kinds: [Int32] = []
  /// The number of tokens that lost their text because another token has the same.
  private(set) var collisions = 0

  /// The tokens of all `count` rows of the token embeddings: an id without a token gets one that no
  /// text can match.
  init(_ tokenizer: Tokenizer, count: Int) {
    let special = tokenizer.specialTokens
    let roles = Set(
      [special.cls, special.sep, special.pad, special.unk, special.mask].compactMap { $0?.id })
    let prefix = tokenizer.continuationPrefix
    // Compared as bytes: Swift's strings are equal where they differ only in Unicode composition.
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
      // llama.cpp fails an assertion where two tokens are equal, or one is empty.
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
