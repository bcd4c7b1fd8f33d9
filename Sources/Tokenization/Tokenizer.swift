public import Diagnostics
import JSON

/// A tokenizer: converts texts to ids, equal to those of Hugging Face's tokenizers (0.23) for every
/// text, and ids to the input of an encoder.
///
/// It is a pipeline of four stages: a normalizer, a pre-tokenizer, a model and a post-processor. A
/// value is immutable and may be shared between threads; each thread uses its own `Scratch`.
public struct Tokenizer: Sendable {
  /// The tokens with a role.
  public internal(set) var specialTokens: SpecialTokens

  /// One more than the highest id: the number of token embeddings that a model needs.
  public let vocabularySize: Int

  /// The composition of a query and a document into one sequence.
  public internal(set) var pairFormat: PairFormat

  /// The id of an ordinary token, for determining the structure of sequences: that of the unknown
  /// token if there is one, else the lowest of a token without a role.
  public let probeToken: Int32

  let normalizer: Normalizer
  let preTokenizer: PreTokenizer
  private(set) var model: TokenModel
  /// The template of a single text.
  package let singleTemplate: SequenceTemplate
  /// The stages in one pass, if they are BERT's.
  private(set) var fastPath: BertFastPath?
  /// The pre-tokenizer and the model in one pass, if they are byte-level.
  private(set) var byteLevelPath: ByteLevelFastPath?
  /// The stages chunk by chunk, if none looks across every space.
  private(set) var chunkPath: ChunkFastPath?
  /// Added tokens that are searched for in the original text.
  let rawTokens: AddedTokens
  /// Added tokens that are searched for in normalised text.
  let normalizedTokens: AddedTokens
  private let vocabulary: Vocabulary
  /// The key of a scratch's cache of words.
  let identity = Identity()

  /// The identity of a tokenizer and its copies.
  final class Identity: Sendable {}

  /// A tokenizer from the bytes of a Hugging Face `tokenizer.json`; `name` is the file name in
  /// failures. The sections `truncation`, `padding` (but for its token) and `decoder` are ignored.
  ///
  /// Throws a failure that names the key if the file is not JSON, is incomplete, or has an
  /// unsupported stage; it then names the supported ones.
  public init(tokenizerJSON: [UInt8], name: String) throws(Failure) {
    self.init(try TokenizerJSON(JSONDocument(tokenizerJSON, name: name)).parts())
  }

  /// A BERT tokenizer from the bytes of a `vocab.txt`: one token per line, ids from 0. By default
  /// accents are removed if texts are lowercased; `stripsAccents` overrides this.
  ///
  /// Throws if the file is not UTF-8 or lacks `[UNK]`, `[CLS]` or `[SEP]`.
  public init(
    vocabulary: [UInt8], lowercase: Bool = true, stripsAccents: Bool? = nil,
    separatesIdeographs: Bool = true, name: String
  ) throws(Failure) {
    var steps = BertNormalizer.Steps()
    steps.lowercases = lowercase
    steps.stripsAccents = stripsAccents ?? lowercase
    steps.separatesIdeographs = separatesIdeographs
    self.init(try VocabularyFile(vocabulary, name: name).parts(steps))
  }

  /// The `tokenizer.json` of a RoBERTa tokenizer from the bytes of a `vocab.json`, an object of
  /// tokens and ids, and a `merges.txt`, one merge per line. `addsSpace` adds a space before texts
  /// that do not start with one; the names are the file names in failures.
  ///
  /// Throws if a file is ill-formed, or if the vocabulary lacks a part or the result of a merge or
  /// a token with a role.
  package static func json(
    vocabulary: [UInt8], name: String, merges: [UInt8], mergesName: String,
    tokens: MergesTokens = MergesTokens(), addsSpace: Bool = false
  ) throws(Failure) -> [UInt8] {
    let files = try MergesFile(
      vocabulary: vocabulary, name: name, merges: merges, mergesName: mergesName)
    return try files.tokenizerJSON(tokens: tokens, addsSpace: addsSpace)
  }

  /// The parts of a tokenizer.
  struct Parts {
    /// The tokens of the model and the added tokens.
    var vocabulary: Vocabulary
    var normalizer: Normalizer
    var preTokenizer: PreTokenizer
    var model: TokenModel
    var postProcessor: PostProcessor
    /// Added tokens; the content of normalised ones already is in normal form.
    var addedTokens: [AddedTokens.Token]
    var specialTokens: SpecialTokens
  }

  private init(_ parts: Parts) {
    vocabulary = parts.vocabulary
    normalizer = parts.normalizer
    preTokenizer = parts.preTokenizer
    model = parts.model
    singleTemplate = parts.postProcessor.single
    pairFormat = .template(parts.postProcessor.pair)
    specialTokens = parts.specialTokens
    fastPath = BertFastPath(
      normalizer: parts.normalizer, preTokenizer: parts.preTokenizer, model: parts.model)
    byteLevelPath = ByteLevelFastPath(preTokenizer: parts.preTokenizer, model: parts.model)
    rawTokens = AddedTokens(parts.addedTokens.filter { !$0.isNormalized })
    normalizedTokens = AddedTokens(parts.addedTokens.filter { $0.isNormalized })
    chunkPath = ChunkFastPath(
      normalizer: parts.normalizer, preTokenizer: parts.preTokenizer, model: parts.model,
      normalizedTokens: normalizedTokens)
    vocabularySize = Int(parts.vocabulary.highestID) + 1
    probeToken =
      parts.specialTokens.unk?.id
      ?? parts.vocabulary.lowestID(excluding: Set(parts.addedTokens.map(\.id))) ?? 0
  }

  /// The same tokenizer with its stages run one by one, even if there is a fast path; for tests
  /// that compare the fast paths with the stages.
  package var stageByStage: Tokenizer {
    var tokenizer = self
    tokenizer.fastPath = nil
    tokenizer.byteLevelPath = nil
    tokenizer.chunkPath = nil
    tokenizer.model = model.uncut
    return tokenizer
  }

  /// Whether the stages are BERT's, with each step of the normalizer optional.
  package var hasBertStages: Bool {
    BertFastPath(normalizer: normalizer, preTokenizer: preTokenizer, model: model) != nil
  }

  /// Whether the model is WordPiece, so that a `vocab.txt` can describe it.
  package var isWordPiece: Bool { if case .wordPiece = model { true } else { false } }

  /// The id of a token by its exact text, or nil.
  public func id(of token: String) -> Int32? { vocabulary.id(of: token.utf8) }

  /// The text of the token with this id, or nil.
  public func token(of id: Int32) -> String? {
    vocabulary.token(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The prefix of tokens that continue a word, such as `##`; empty if they have none.
  public var continuationPrefix: String {
    String(decoding: model.continuationPrefix, as: UTF8.self)
  }

  /// The number of fixed tokens around one text.
  public var specialTokensInSingle: Int { singleTemplate.fixedTokens }

  /// The number of fixed tokens in every pair of texts, besides those that are tokenized with the
  /// query or the text.
  public var specialTokensInPair: Int { pairFormat.fixedTokens }

  /// The least number of tokens that a pair may be truncated to: those of the text around query and
  /// document.
  public var leastTokensInPair: Int { pairFormat.leastTokens }

  /// The number of tokens that stay at the end of a truncated query or document.
  public func tailTokens(of role: TextRole) -> Int { pairFormat.tail(of: role).count }
}
