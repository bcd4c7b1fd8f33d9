import Diagnostics

/// The third stage: converts a word to tokens of the vocabulary.
///
/// Semantics are those of Hugging Face's tokenizers. A new kind is a file beside this one, a case,
/// its line in `kinds` and its cases in `vocabulary`, `unknown`, `continuationPrefix` and `append`;
/// working memory is in `Scratch.Words`.
enum TokenModel: Sendable {
  case wordPiece(WordPiece)
  case bpe(BPE)
  case unigram(Unigram)

  /// The kinds that `tokenizer.json` may have.
  static let kinds: [StageKind<TokenModel>] = [WordPiece.kind, BPE.kind, Unigram.kind]

  /// Reads the section `model`. Older files do not name the kind: Unigram is then the one whose
  /// vocabulary is a list, and BPE the one with merges.
  init(_ section: TokenizerSection) throws(Failure) {
    if section.node["type"] != nil {
      self = try section.stage(of: Self.kinds)
    } else if case .array = section.node["vocab"]?.value {
      self = .unigram(try Unigram(section))
    } else if section.node["merges"] != nil {
      self = .bpe(try BPE(section))
    } else {
      self = .wordPiece(try WordPiece(section))
    }
  }

  /// The model's tokens, without added tokens.
  var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.pieces
    case .bpe(let model): model.pieces
    case .unigram(let model): model.pieces
    }
  }

  /// The id of the token for words that the model cannot split, or nil.
  var unknown: Int32? {
    switch self {
    case .wordPiece(let model): model.unknown
    case .bpe(let model): model.options.unknown
    case .unigram(let model): model.unknown
    }
  }

  /// The prefix of tokens that continue a word; empty if they have none.
  var continuationPrefix: [UInt8] {
    switch self {
    case .wordPiece(let model): model.continuationPrefix
    case .bpe(let model): model.options.continuationPrefix
    case .unigram: []
    }
  }

  /// Appends the ids of one word, which is not empty.
  func append(_ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]) {
    switch self {
    case .bpe(let model) where model.cutsWords:
      var start = 0
      while let end = BPE.wordStart(in: word, after: start) {
        appendCached(word.extracting(start..<end), words: &words, to: &ids)
        start = end
      }
      appendCached(word.extracting(start...), words: &words, to: &ids)
    case .wordPiece, .bpe: appendCached(word, words: &words, to: &ids)
    case .unigram(let model): model.append(word, words: &words, to: &ids)
    }
  }

  private func appendCached(
    _ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]
  ) {
    guard word.count <= WordCache.Key.longestWord else {
      split(word, words: &words, to: &ids)
      return
    }
    let key = WordCache.Key(word)
    if words.cache.append(key, to: &ids) { return }
    let first = ids.count
    split(word, words: &words, to: &ids)
    words.cache.remember(key, asLast: ids.count - first, of: ids)
  }

  private func split(
    _ word: Span<UInt8>, words: inout Tokenizer.Scratch.Words, to ids: inout [Int32]
  ) {
    switch self {
    case .wordPiece(let model): model.append(word, to: &ids)
    case .bpe(let model): model.append(word, merging: &words.merging, to: &ids)
    case .unigram(let model): model.append(word, places: &words.places, to: &ids)
    }
  }
}
