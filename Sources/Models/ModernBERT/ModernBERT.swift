import JSON
public import Tensors

/// ModernBERT (Warner et al., 2024) with a classifier of one label: the sizes and settings that
/// `config.json` states.
///
/// Norms stand in front of the sublayers, positions enter by rotation, feed-forward layers have a gate,
/// and most layers attend to a window of neighbours only.
public struct ModernBERT: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["modernbert"]
  /// The family in messages.
  public static let name = "ModernBERT"
  /// Models that users know.
  public static let examples = "ettin, gte-modernbert and the like"
  /// The beginning of `ModernBertModel`, `ModernBertForSequenceClassification` and others.
  public static let classPrefix = "ModernBert"

  /// What a layer's tokens attend to, by the values of `layer_types`.
  public enum LayerKind: String, Sendable, CaseIterable {
    /// All tokens.
    case global = "full_attention"
    /// Those at most half of `window` away.
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

  /// Rates of dropout.
  public struct Dropout: Sendable, Equatable {
    /// Behind the norm of embeddings.
    public var embeddings: Float = 0
    /// Of attention probabilities, and of attention's output.
    public var attention: Float = 0
    /// Of a feed-forward layer. transformers puts it between the two products, where it is here behind
    /// the second.
    public var feedForward: Float = 0
    /// In front of the classifier.
    public var classifier: Float = 0
  }

  /// Rows of the word table.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// What the layers attend to, from the bottom up.
  public var layerKinds: [LayerKind]
  /// How many attention heads a layer has.
  public var heads: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// The longest sequence.
  public var maximumPositions: Int
  /// How many tokens a local layer sees around each one, half of them on either side.
  public var window: Int
  /// The base of the rotations in global layers.
  public var globalBase: Double
  /// The base of the rotations in local layers.
  public var localBase: Double
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// The activation of the head.
  public var headActivation: Activation
  /// Whether the head reads the mean of all tokens in place of the first.
  public var poolsMean: Bool
  /// Which parts have biases.
  public var biases = Biases()
  /// Rates of dropout.
  public var dropout = Dropout()
  /// What LayerNorm adds to the variance.
  public var normEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// At how many deviations transformers cuts initial values; never used here, but servers need it.
  public var initializerCutoff: Float = 2
  /// The id of the padding token; never used here, but others need it.
  public var paddingID: Int

  /// Sizes and settings, without biases and dropout; nothing is checked.
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

  /// Takes one rate of dropout everywhere.
  public mutating func replaceDropout(by rate: Float) {
    dropout = Dropout(embeddings: rate, attention: rate, feedForward: rate, classifier: rate)
  }
}
