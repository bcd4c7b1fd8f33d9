public import Tensors

/// GTE's encoder of 2024 (Zhang et al., "mGTE", https://arxiv.org/abs/2407.19669), which its files
/// call `new`, with a classifier of one label: the sizes and settings of its `config.json`.
///
/// The layers are BERT's with rotary positions, which may be scaled for longer sequences, gated
/// feed-forward layers whose gate is the second half of one matrix, and perhaps RMSNorm. The
/// published code also applies the hidden dropout between the products of a feed-forward layer; here
/// it is applied to the output alone.
public struct GTE: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["new"]
  /// The family's name in messages.
  public static let name = "GTE"
  /// Well-known models of the family.
  public static let examples = "gte-multilingual, gte-base-en-v1.5 and the like"
  /// The prefix of `NewModel`, `NewForSequenceClassification` and others.
  public static let classPrefix = "New"

  /// The position information.
  public enum Positions: Sendable, Equatable {
    /// Rotations of queries and keys.
    case rotary(base: Double, scaling: RotaryScaling)
    /// A table of positions in the embeddings.
    case table
  }

  /// The number of token embeddings.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// The number of layers.
  public var layers: Int
  /// The number of attention heads per layer.
  public var heads: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// The maximum length of a sequence.
  public var maximumPositions: Int
  /// The number of token types; 0 if the embeddings have none.
  public var tokenTypes: Int
  /// The position information.
  public var positions: Positions
  /// The factor of attention scores by the length of the sequence; nil for none.
  public var lengthScaling: LengthScaling?
  /// Whether one matrix holds queries, keys and values.
  public var joinsProjections: Bool
  /// The kind of the layers' norms; that of the embeddings is LayerNorm.
  public var normKind: NormKind
  /// The activation of the gates.
  public var activation: Activation
  /// Dropout rate of embeddings and of the output of every sublayer.
  public var hiddenDropout: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// Dropout rate before the classifier; by default the hidden rate.
  public var classifierDropout: Float
  /// The constant that norms add to the variance.
  public var normEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// The id of the padding token; unused here, but exported for other programs.
  public var paddingID: Int

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) {
    (hiddenDropout, attentionDropout, classifierDropout) = (rate, rate, rate)
  }
}

extension GTE {
  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers kept: [Int]) { layers = kept.count }
}
