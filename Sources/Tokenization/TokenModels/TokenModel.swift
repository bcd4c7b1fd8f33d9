import Diagnostics

/// The third stage: converts a word to tokens of the vocabulary.
///
/// Semantics are those of Hugging Face's tokenizers. A new kind is a file beside this one, a case,
/// its line in `kinds` and its cases in `vocabulary`, `unknown`, `continuationPrefix` and `append`;
/// working memory is in `Scratch.Words`.
enum TokenModel: Sendable {
  case wordPiece(WordPiece)

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<TokenModel>] = [WordPiece.kind]

  /// Reads the section `model`. WordPiece is the only kind that older files do not name.
  init(_ section: TokenizerSection) throws(Failure) {
    let isNamed = section.node["type"] != nil || section.node["merges"] != nil
    self = isNamed ? try section.stage(of: Self.kinds) : .wordPiece(try WordPiece(section))
  }

  /// The model's tokens, without added tokens.
  var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.pieces
    }
  }

  /// The id of the token for words that the model cannot split, or nil.
  var unknown: Int32? {
    switch self {
    case .wordPiece(let model): model.unknown
    }
  }

  /// The prefix of tokens that continue a word; empty if they have none.
  var continuationPrefix: [UInt8] {
    switch self {
    case .wordPiece(let model): model.continuationPrefix
    }
  }

  /// Appends the ids of one word, which is not empty.
  func append(_ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]) {
    guard word.count <= WordCache.Key.longestWord else {
      split(word, to: &ids)
      return
    }
    let key = WordCache.Key(word)
    if words.cache.append(key, to: &ids) { return }
    let first = ids.count
    split(word, to: &ids)
    words.cache.remember(key, asLast: ids.count - first, of: ids)
  }

  private func split(_ word: Span<UInt8>, to ids: inout [Int32]) {
    switch self {
    case .wordPiece(let model): model.append(word, to: &ids)
    }
  }
}
