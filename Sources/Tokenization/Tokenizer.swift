public import Diagnostics
import JSON

/// A tokenizer of the BERT family: text to WordPiece ids, equal for every text to those of Hugging
/// Face's tokenizers (0.23), and ids to what an encoder is fed.
///
/// A value is immutable and may be shared between threads; each thread brings a `Scratch`.
public struct Tokenizer: Sendable {
  /// The tokens with a role.
  public let specialTokens: SpecialTokens

  /// One more than the highest id: the rows an embedding of these tokens needs.
  public let vocabularySize: Int

  let vocabulary: Vocabulary
  let normalizer: BertNormalizer
  let preTokenizer: BertPreTokenizer
  let model: WordPiece
  let postProcessor: PostProcessor
  /// Looked for in the text as it came.
  let rawTokens: AddedTokens
  /// Looked for in normalized text.
  let normalizedTokens: AddedTokens
  let ascii: ASCIITable
  /// What a scratch remembers words for.
  let identity = Identity()

  /// Stands for one tokenizer and its copies.
  final class Identity: Sendable {}

  /// A tokenizer from the bytes of a Hugging Face `tokenizer.json`; `name` is the file name in
  /// failures. The sections `truncation`, `padding` (but for its token) and `decoder` are ignored.
  ///
  /// Throws a failure that names the key where the file is not JSON, lacks something, or asks for
  /// a component other than BertNormalizer, BertPreTokenizer, WordPiece, TemplateProcessing or
  /// BertProcessing.
  public init(tokenizerJSON: [UInt8], name: String) throws(Failure) {
    self.init(try TokenizerJSON(JSONDocument(tokenizerJSON, name: name)).parts())
  }

  /// A BERT tokenizer from the bytes of a `vocab.txt`: one token a line, ids from 0. Accents are taken
  /// off where texts are put in lower case, unless `stripsAccents` says otherwise.
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
    /// The pieces of the model and the added tokens.
    var vocabulary: Vocabulary
    var normalizer: BertNormalizer
    var model: WordPiece
    var postProcessor: PostProcessor
    /// Added tokens; the content of normalized ones is normalized already.
    var addedTokens: [AddedTokens.Token]
    var specialTokens: SpecialTokens
  }

  private init(_ parts: Parts) {
    vocabulary = parts.vocabulary
    normalizer = parts.normalizer
    preTokenizer = BertPreTokenizer()
    model = parts.model
    postProcessor = parts.postProcessor
    specialTokens = parts.specialTokens
    rawTokens = AddedTokens(parts.addedTokens.filter { !$0.isNormalized })
    normalizedTokens = AddedTokens(parts.addedTokens.filter { $0.isNormalized })
    vocabularySize = Int(parts.vocabulary.highestID) + 1
    ascii = ASCIITable(steps: parts.normalizer.steps, model: parts.model)
  }

  /// The id of a token by its exact text, or nil.
  public func id(of token: String) -> Int32? { vocabulary.id(of: token.utf8) }

  /// The text of the token with this id, or nil.
  public func token(of id: Int32) -> String? {
    vocabulary.token(of: id).map { String(decoding: $0, as: UTF8.self) }
  }

  /// What a piece starts with that continues a word: `##`.
  public var continuationPrefix: String {
    String(decoding: model.continuationPrefix, as: UTF8.self)
  }

  /// How many special tokens surround one text.
  public var specialTokensInSingle: Int { postProcessor.specialsInSingle }

  /// How many special tokens surround a pair of texts.
  public var specialTokensInPair: Int { postProcessor.specialsInPair }
}
