public import Autodiff
public import Tensors

/// T5 (Raffel et al., 2020), mT5 and umT5 with a score from the decoder's first step, monoT5 and
/// RankT5 among them, or from the encoder alone: the sizes and settings of its `config.json`.
///
/// RMSNorm stands in front of every sublayer, attention scores have a bias by distance and no
/// factor, and there are no biases otherwise. Every sequence of the decoder begins with the same
/// token; the logits at this step are those of the answers.
///
/// Dropout between the two products of a feed-forward layer, which transformers has as well, is left
/// out.
public struct T5: Architecture, Equatable {
  /// The values of `model_type`.
  public static let modelTypes = Kind.allCases.map(\.rawValue)
  /// The family's name in messages.
  public static let name = "T5"
  /// Well-known models of the family.
  public static let examples = "monoT5, RankT5, mT5 and the like"
  /// The prefix of `T5Model`, `T5ForConditionalGeneration` and others.
  public static let classPrefix = "T5"

  /// The generations, with the values of `model_type`.
  public enum Kind: String, Sendable, CaseIterable {
    /// T5 and T5 1.1.
    case t5
    /// mT5, whose logits have no factor.
    case mT5 = "mt5"
    /// umT5, in which every layer has a table of biases of its own.
    case umT5 = "umt5"
  }

  /// The generation.
  public var kind: Kind
  /// The number of token embeddings.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// The number of the encoder's layers.
  public var layers: Int
  /// The number of the decoder's layers; nil for an encoder alone.
  public var decoderLayers: Int?
  /// The number of attention heads per layer.
  public var heads: Int
  /// The number of columns per head, which is independent of the other sizes.
  public var headWidth: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// Whether feed-forward layers have a gate.
  public var isGated: Bool
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// The number of buckets of distances.
  public var buckets: Int
  /// The distance from which all distances share a bucket.
  public var maximumDistance: Int
  /// The maximum length of a sequence: positions have no table that would bound it.
  public var maximumPositions: Int
  /// Dropout rate of embeddings, of attention probabilities and of the output of every sublayer.
  public var dropout: Float
  /// Dropout rate in the head of an encoder alone.
  public var headDropout: Float
  /// The constant that RMSNorm adds to the mean square.
  public var normEpsilon: Float
  /// The factor of the standard deviations of newly initialised weights.
  public var initializerFactor: Float
  /// Whether the output layer has the token embeddings as its rows and logits the factor 1/√hidden;
  /// an output layer of its own in the files takes their place.
  public var scalesLogits: Bool
  /// The id of the padding token.
  public var paddingID: Int
  /// The id of the token that the decoder begins with.
  public var start: Int
  /// The pooling of an encoder alone.
  public var pooling = SequencePooling.first

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) { (dropout, headDropout) = (rate, rate) }

  /// A head of modules stands behind the encoder alone.
  public mutating func adopt(_ head: ModularHead) {
    decoderLayers = nil
    pooling = head.pooling
  }
}

extension T5 {
  /// The keys of the numbers of layers. Without its own, a decoder has as many as the encoder.
  public static let layerKeys = ["num_layers", "num_decoder_layers"]

  /// Keeps some layers of the encoder, and all of the decoder.
  public mutating func keep(layers kept: [Int]) { layers = kept.count }
}
