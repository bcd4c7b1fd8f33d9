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

  /// The same model, but BPE merges every word as a whole.
  var uncut: TokenModel { if case .bpe(let model) = self { .bpe(model.uncut) } else { self } }

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
    case .wordPiece(let model):
      words.cache.append(word, to: &ids) { model.append($0, to: &$1) }
    case .bpe(let model): model.append(word, words: &words, to: &ids)
    case .unigram(let model): model.append(word, words: &words, to: &ids)
    }
  }
}
