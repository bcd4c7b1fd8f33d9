import Diagnostics

/// The third stage: a word becomes tokens of the vocabulary.
///
/// Semantics are those of Hugging Face's tokenizers. A new kind is a file beside this one, a case,
/// its line in `kinds` and its lines in the members below; working space goes into `Scratch.Words`.
enum TokenModel: Sendable {
  case wordPiece(WordPiece)
  case unigram(Unigram)

  /// What `tokenizer.json` may ask for.
  static let kinds: [StageKind<TokenModel>] = [WordPiece.kind, Unigram.kind]

  /// Reads the section `model`. WordPiece and Unigram are the kinds that older files do not name;
  /// Unigram's vocabulary is a list.
  init(_ section: TokenizerSection) throws(Failure) {
    if section.node["type"] == nil, case .array = section.node["vocab"]?.value {
      self = .unigram(try Unigram(section))
      return
    }
    let isNamed = section.node["type"] != nil || section.node["merges"] != nil
    self = isNamed ? try section.stage(of: Self.kinds) : .wordPiece(try WordPiece(section))
  }

  /// The tokens that the model makes, without added tokens.
  var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.pieces
    case .unigram(let model): model.pieces
    }
  }

  /// The id of the token for what the model cannot split, or nil.
  var unknown: Int32? {
    switch self {
    case .wordPiece(let model): model.unknown
    case .unigram(let model): model.unknown
    }
  }

  /// What tokens start with that continue a word; empty where nothing marks them.
  var continuationPrefix: [UInt8] {
    switch self {
    case .wordPiece(let model): model.continuationPrefix
    case .unigram: []
    }
  }

  /// Appends the ids of one word, which is not empty.
  func append(_ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]) {
    switch self {
    case .wordPiece(let model): append(word, of: model, words: &words, to: &ids)
    case .unigram(let model): model.append(word, words: &words, to: &ids)
    }
  }

  private func append(
    _ word: Span<UInt8>, of model: WordPiece, words: inout Tokenizer.Scratch.Words,
    to ids: inout [Int32]
  ) {
    guard word.count <= WordCache.Key.longestWord else {
      model.append(word, to: &ids)
      return
    }
    let key = WordCache.Key(word)
    if words.cache.append(key, to: &ids) { return }
    let first = ids.count
    model.append(word, to: &ids)
    words.cache.remember(key, asLast: ids.count - first, of: ids)
  }
}
