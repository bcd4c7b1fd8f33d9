public import Diagnostics
import JSON

/// A tokenizer: text to ids, equal for every text to those of Hugging Face's tokenizers (0.23), and
/// ids to what an encoder reads.
///
/// It is a pipeline of four stages: a normalizer, a pre-tokenizer, a model and a post-processor. A
/// value is immutable and may be shared between threads; each thread brings a `Scratch`.
public struct Tokenizer: Sendable {
  /// The tokens with a role.
  public let specialTokens: SpecialTokens

  /// One more than the highest id: the rows an embedding of these tokens needs.
  public let vocabularySize: Int

  /// How a query and a document become one sequence.
  public internal(set) var pairFormat: PairFormat

  /// The id of an ordinary token, for probing how sequences are put together: that of the unknown
  /// token where there is one, else the lowest of a token without a role.
  public let probeToken: Int32

  let normalizer: Normalizer
  let preTokenizer: PreTokenizer
  let model: TokenModel
  /// How one text becomes a sequence.
  let singleTemplate: SequenceTemplate
  /// The stages as one pass, where they are BERT's.
  private(set) var fastPath: BertFastPath?
  /// The stages chunk by chunk, where they are those of SentencePiece's tokenizers.
  private(set) var metaspacePath: MetaspaceFastPath?
  /// Looked for in the text as it came.
  let rawTokens: AddedTokens
  /// Looked for in normalized text.
  let normalizedTokens: AddedTokens
  private let vocabulary: Vocabulary
  /// What a scratch remembers words for.
  let identity = Identity()

  /// Stands for one tokenizer and its copies.
  final class Identity: Sendable {}

  /// A tokenizer from the bytes of a Hugging Face `tokenizer.json`; `name` is the file name in
  /// failures. The sections `truncation`, `padding` (but for its token) and `decoder` are ignored.
  ///
  /// Throws a failure that names the key where the file is not JSON, lacks something, or asks for
  /// a stage that is not supported, and then names those that are.
  public init(tokenizerJSON: [UInt8], name: String) throws(Failure) {
    self.init(try TokenizerJSON(JSONDocument(tokenizerJSON, name: name)).parts())
  }

  /// A BERT tokenizer from the bytes of a `vocab.txt`: one token a line, ids from 0. Accents are
  /// removed where texts are put in lower case, unless `stripsAccents` says otherwise.
  ///
  /// Throws where the file is not UTF-8 or lacks `[UNK]`, `[CLS]` or `[SEP]`.
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

  /// What a tokenizer is put together from.
  struct Parts {
    /// The tokens of the model and the added tokens.
    var vocabulary: Vocabulary
    var normalizer: Normalizer
    var preTokenizer: PreTokenizer
    var model: TokenModel
    var postProcessor: PostProcessor
    /// Added tokens; the content of normalized ones is normalized already.
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
    rawTokens = AddedTokens(parts.addedTokens.filter { !$0.isNormalized })
    normalizedTokens = AddedTokens(parts.addedTokens.filter { $0.isNormalized })
    metaspacePath = MetaspaceFastPath(
      normalizer: parts.normalizer, preTokenizer: parts.preTokenizer, model: parts.model,
      normalizedTokens: normalizedTokens)
    vocabularySize = Int(parts.vocabulary.highestID) + 1
    probeToken =
      parts.specialTokens.unk?.id
      ?? parts.vocabulary.lowestID(excluding: Set(parts.addedTokens.map(\.id))) ?? 0
  }

  /// The same tokenizer with its stages run one by one, even where they are BERT's; for tests that
  /// hold the fast path against the stages.
  package var stageByStage: Tokenizer {
    var tokenizer = self
    tokenizer.fastPath = nil
    tokenizer.metaspacePath = nil
    return tokenizer
  }

  /// Whether the stages are BERT's, each step of the normalizer on or off.
  package var hasBertStages: Bool {
    BertFastPath(normalizer: normalizer, preTokenizer: preTokenizer, model: model) != nil
  }

  /// The id of a token by its exact text, or nil.
  public func id(of token: String) -> Int32? { vocabulary.id(of: token.utf8) }

  /// The text of the token with this id, or nil.
  public func token(of id: Int32) -> String? {
    vocabulary.token(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What tokens start with that continue a word, such as `##`; empty where nothing marks them.
  public var continuationPrefix: String {
    String(decoding: model.continuationPrefix, as: UTF8.self)
  }

  /// How many fixed tokens surround one text.
  public var specialTokensInSingle: Int { singleTemplate.fixedTokens }

  /// How many fixed tokens every pair of texts has.
  public var specialTokensInPair: Int { pairFormat.fixedTokens }
}
