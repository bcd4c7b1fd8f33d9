import JSON
public import Tensors

/// ModernBERT (Warner et al., 2024) with a classifier of one label: the sizes and settings of its
/// `config.json`.
///
/// Norms precede the sublayers, positions are rotary, feed-forward layers are gated, and most layers
/// attend to a local window only.
public struct ModernBERT: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["modernbert"]
  /// The family's name in messages.
  public static let name = "ModernBERT"
  /// Well-known models of the family.
  public static let examples = "ettin, gte-modernbert and the like"
  /// The prefix of `ModernBertModel`, `ModernBertForSequenceClassification` and others.
  public static let classPrefix = "ModernBert"

  /// The attention pattern of a layer, with the values of `layer_types`.
  public enum LayerKind: String, Sendable, CaseIterable {
    /// All tokens.
    case global = "full_attention"
    /// Tokens at most half of `window` away.
    case local = "sliding_attention"
  }

  /// Which parts have biases. The classifier always has one.
  public struct Biases: Sendable, Equatable {
    /// Both products of attention.
    public var attention = false
    /// Both products of feed-forward layers.
    public var feedForward = false
    /// All norms.
    public var norms = false
    /// The dense layer of the head.
    public var head = false
  }

  /// Dropout rates.
  public struct Dropout: Sendable, Equatable {
    /// After the norm of embeddings.
    public var embeddings: Float = 0
    /// Of attention probabilities and of the output of attention.
    public var attention: Float = 0
    /// Of the output of a feed-forward layer. In transformers it precedes the second product.
    public var feedForward: Float = 0
    /// Before the classifier.
    public var classifier: Float = 0
  }

  /// The number of token embeddings.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// The attention pattern of each layer, in order.
  public var layerKinds: [LayerKind]
  /// The number of attention heads per layer.
  public var heads: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// The maximum length of a sequence.
  public var maximumPositions: Int
  /// The width of a local layer's window in tokens, half of it on either side of a token.
  public var window: Int
  /// The base of the rotations in global layers.
  public var globalBase: Double
  /// The base of the rotations in local layers.
  public var localBase: Double
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// The activation of the head.
  public var headActivation: Activation
  /// Whether the head reads the mean of all tokens instead of the first token.
  public var poolsMean: Bool
  /// Which parts have biases.
  public var biases = Biases()
  /// Dropout rates.
  public var dropout = Dropout()
  /// The constant that LayerNorm adds to the variance.
  public var normEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// The number of standard deviations at which transformers truncates initial values; unused here,
  /// but exported for other programs.
  public var initializerCutoff: Float = 2
  /// The id of the padding token; unused here, but exported for other programs.
  public var paddingID: Int

  /// Creates a configuration without biases and dropout, without validating it.
  package init(
    vocabularySize: Int, hiddenSize: Int, layerKinds: [LayerKind], heads: Int, innerSize: Int,
    maximumPositions: Int, window: Int, globalBase: Double, localBase: Double,
    activation: Activation, headActivation: Activation, poolsMean: Bool, normEpsilon: Float,
    initializerRange: Float, paddingID: Int
  ) {
    (self.vocabularySize, self.hiddenSize) = (vocabularySize, hiddenSize)
    (self.layerKinds, self.heads, self.innerSize) = (layerKinds, heads, innerSize)
    (self.maximumPositions, self.window) = (maximumPositions, window)
    (self.globalBase, self.localBase) = (globalBase, localBase)
    (self.activation, self.headActivation) = (activation, headActivation)
    (self.poolsMean, self.normEpsilon) = (poolsMean, normEpsilon)
    (self.initializerRange, self.paddingID) = (initializerRange, paddingID)
  }

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) {
    dropout = Dropout(embeddings: rate, attention: rate, feedForward: rate, classifier: rate)
  }

  /// The classifier's pooling, activation and bias follow the modules.
  public mutating func adopt(_ head: ModularHead) {
    poolsMean = head.pooling == .mean
    guard head.steps.count > 1, case .dense(let dense) = head.steps[0],
      case .activation(let activation) = head.steps[1]
    else { return }
    (biases.head, headActivation) = (dense.hasBias, activation)
  }
}

extension ModernBERT {
  /// The keys of the number of layers and of their attention patterns, for all versions of
  /// transformers.
  public static let layerKeys = [
    "num_hidden_layers", "layer_types", "global_attn_every_n_layers",
  ]

  /// Keeps some layers, each with its attention pattern.
  public mutating func keep(layers: [Int]) { layerKinds = layers.map { layerKinds[$0] } }
}
