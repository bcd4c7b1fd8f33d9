public import Autodiff
public import Diagnostics
import Files
import Persistence
public import Tokenization

/// A model that reads a query and a document together and scores how relevant the document is:
/// an encoder with a score head, its weights, and the tokenizer that belongs to it.
public struct CrossEncoder: Sendable {
  /// Sizes and settings.
  public let configuration: EncoderConfiguration
  /// The weights and their names; training changes them in place.
  public let parameters: Parameters
  /// From text to token ids.
  public let tokenizer: Tokenizer
  /// The files the model came with that others need: configuration and tokenizer.
  public var sidecar: ModelSidecar
  /// The newly initialised parameters, which no file had: a score head's, as a rule.
  public let fresh: Set<String>
  /// Where the files' classifier has several labels: their names, and how a score is had of them.
  public let labels: (names: [String], scoring: String)?
  /// What is worth telling a user about how the model was put together.
  public let notices: [String]

  private let encoder: Encoder
  private let head: ScoreHead

  /// Loads a model from a directory or archive. A missing score head is initialised with `seed`.
  ///
  /// - Parameter use: what becomes of a head with several labels, or of another kind.
  /// - Throws: `Failure` for files that are missing or wrong, for tensors that are missing, not
  ///   finite, of another shape than the configuration says, or not known to this model, and, to
  ///   score, for a head that gives no score.
  public init(
    _ source: ModelSource, seed: UInt64, for use: HeadUse = .base
  ) throws(Failure) {
    let sidecar = source.sidecar
    var configuration = try sidecar.configuration()
    let tokenizer = try sidecar.tokenizer()
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw Failure(
        .badData,
        "the tokenizer has \(tokenizer.vocabularySize) tokens, the model \(configuration.vocabularySize)",
        at: Place(sidecar.place, key: "vocab_size"),
        remedy: "take tokenizer and weights from the same model")
    }
    if let dropout = source.dropout {
      configuration.hiddenDropout = dropout
      configuration.attentionDropout = dropout
      configuration.classifierDropout = dropout
    }
    var table = ParameterTable()
    encoder = Encoder(configuration, prefix: "bert.", in: &table)
    head = ScoreHead(configuration, in: &table)
    let loaded = try source.load(
      table, head: use, fresh: [ScoreHead.poolerName, ScoreHead.classifierName], configuration,
      seed: seed)
    parameters = loaded.parameters
    let keys = sidecar.isOfCheckpoint ? nil : try sidecar.configurationKeys()
    notices = [keys.flatMap { ComputationKeys($0).notice }].compactMap { $0 } + loaded.notices
    fresh = loaded.fresh
    labels = loaded.labels.flatMap { $0.names.count > 1 ? ($0.names, $0.scoring) : nil }
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.sidecar = sidecar
  }

  /// The longest sequence there are positions for.
  public var maximumLength: Int { configuration.maximumPositions }

  /// The table of words, `[vocabulary, hidden]`; a step touches few of its rows.
  package var words: Parameter { encoder.embeddings.words }

  /// The scores of all sequences of a batch, `[B, 1]`: raw logits. Nothing is recorded of what is
  /// frozen from the bottom up.
  public func scores(
    _ batch: PlacedBatch, frozen: FrozenParts = FrozenParts(), on tape: inout Tape
  ) -> Value {
    let first = encoder.first(batch, frozen: frozen, on: &tape)
    return head(first, identity: batch.firstOffsets.identity, on: &tape)
  }
}
