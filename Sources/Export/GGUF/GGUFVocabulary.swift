import Tokenization

/// A WordPiece vocabulary as llama.cpp's tokenizer of BERT has it: a piece that continues a word
/// stands as it is, one that begins a word has U+2581 in front, and tokens with a role stay.
struct GGUFVocabulary {
  /// What a token is for.
  enum Kind: Int32 {
    case normal = 1
    case control = 3
    case unused = 5
  }

  private(set) var tokens: [String] = []
  private(set) var kinds: [Int32] = []
  /// How many tokens could not keep their text, since another one has the same.
  private(set) var collisions = 0

  /// The tokens of all `count` rows of the table of words: an id that has no token gets one that no
  /// text can match.
  init(_ tokenizer: Tokenizer, count: Int) {
    let special = tokenizer.specialTokens
    let roles = Set(
      [special.cls, special.sep, special.pad, special.unk, special.mask].compactMap { $0?.id })
    let prefix = tokenizer.continuationPrefix
    // By bytes: strings that differ only in their Unicode composition are equal.
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
      // llama.cpp ends with an assertion where two tokens are the same, or one is empty.
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
