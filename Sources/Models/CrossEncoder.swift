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
  /// What is worth telling a user about how the model was put together.
  public let notices: [String]

  private let encoder: Encoder
  private let head: ScoreHead

  /// Loads a model from a directory or archive. A missing score head is initialised with `seed`.
  ///
  /// - Throws: `Failure` for files that are missing or wrong, and for tensors that are missing, not
  ///   finite, of another shape than the configuration says, or not known to this model.
  public init(_ source: ModelSource, seed: UInt64) throws(Failure) {
    let sidecar = source.sidecar
    var configuration = try sidecar.configuration()
    try sidecar.checkLabels()
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
    (parameters, notices) = try source.load(
      table, fresh: [ScoreHead.poolerName, ScoreHead.classifierName],
      deviation: configuration.initializerRange, seed: seed)
    self.configuration = configuration
    self.tokenizer = tokenizer
    self.sidecar = sidecar
  }

  /// The longest sequence there are positions for.
  public var maximumLength: Int { configuration.maximumPositions }

  /// The scores of all sequences of a batch, `[B, 1]`: raw logits.
  public func scores(_ batch: PlacedBatch, on tape: inout Tape) -> Value {
    head(encoder.first(batch, on: &tape), identity: batch.firstOffsets.identity, on: &tape)
  }
}
