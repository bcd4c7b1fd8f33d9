public import Autodiff
package import Diagnostics
public import Tensors

/// The layers that decoder families share: causal attention with rotary positions and grouped keys,
/// gated feed-forward layers, and RMSNorms in front of them. A family's keys say the rest.
public struct DecoderStack: Sendable, Equatable {
  /// The attention pattern of a layer, with the values of `layer_types`.
  public enum LayerKind: String, Sendable, CaseIterable {
    /// All tokens up to its own.
    case full = "full_attention"
    /// The last tokens of a window.
    case sliding = "sliding_attention"
  }

  /// Rotary positions: the base of their wavelengths, and a change of their frequencies.
  public struct Rotary: Sendable, Equatable {
    /// The wavelengths are geometric from 2π to 2π · base.
    public var base: Double
    /// The change for texts longer than those of pretraining.
    public var scaling = RotaryScaling.none
  }

  /// Which parts have biases.
  public struct Biases: Sendable, Equatable {
    /// The projections to queries, keys and values.
    public var projections = false
    /// The projection of attention's result.
    public var output = false
    /// All products of feed-forward layers.
    public var feedForward = false
  }

  /// The number of token embeddings.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// The attention pattern of each layer, in order.
  public var layerKinds: [LayerKind]
  /// The number of query heads per layer.
  public var heads: Int
  /// The number of key and value heads per layer.
  public var keyValueHeads: Int
  /// The number of columns per head.
  public var headWidth: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// The maximum length of a sequence.
  public var maximumPositions: Int
  /// The activation of the gates.
  public var activation: Activation
  /// The constant that RMSNorm adds to the mean square.
  public var normEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// The id of the padding token; nil for none. Unused here, but exported for other programs.
  public var paddingID: Int?
  /// Whether the output layer of the language model has the token embeddings as its rows.
  public var tiesEmbeddings: Bool
  /// The rotary positions of layers that attend to all tokens.
  public var rotary: Rotary
  /// The rotary positions of layers with a window.
  public var slidingRotary: Rotary
  /// The number of tokens that layers with a window attend to, a token's own among them.
  public var window = 0
  /// Which parts have biases.
  public var biases = Biases()
  /// Whether the queries and keys of each head have a norm.
  public var hasHeadNorms = false
  /// Whether the results of sublayers have a norm before they are added.
  public var hasOutputNorms = false
  /// The number added to the weights of norms.
  public var normShift: Float = 0
  /// The factor of the token embeddings.
  public var embeddingScale: Float = 1
  /// The factor of the products of queries and keys; nil for 1/√headWidth.
  public var scoreScale: Float?
  /// The bound of attention scores; nil for none.
  public var scoreCap: Float?
  /// The bound of the language model's logits; nil for none.
  public var logitCap: Float?
  /// Whether a token attends only to those before it.
  public var isCausal = true
  /// The pooling of a sequence's tokens.
  public var pooling = SequencePooling.last
}

/// A family of decoders: its own keys, beside those of `DecoderStack`.
package protocol DecoderFamily: Architecture, Equatable {
  /// The layers.
  var decoder: DecoderStack { get set }
  /// Whether layers may have windows.
  static var hasWindows: Bool { get }
}

extension DecoderFamily {
  /// False: no window limits the attention of a layer.
  package static var hasWindows: Bool { false }

  /// - Throws: `badData` with the key that requires a computation other than the family's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkDecoder(of: name, windows: hasWindows)
  }

  /// A notice about keys that no version of the family has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    keys.notice(of: name, reading: ConfigurationKeys.ofDecoders)
  }

  /// Replaces the dropout rate of attention probabilities, the only one of decoders.
  public mutating func replaceDropout(by rate: Float) { decoder.attentionDropout = rate }

  /// The keys of the number of layers and of the windows of some; families without windows write the
  /// first alone.
  public static var layerKeys: [String] {
    ["num_hidden_layers", "layer_types", "max_window_layers"]
  }

  /// Keeps some layers, each with its window or without one.
  public mutating func keep(layers: [Int]) {
    decoder.layerKinds = layers.map { decoder.layerKinds[$0] }
  }

  /// The computation, with the names of transformers' classifiers.
  public var blueprint: Blueprint { decoder.blueprint(of: Self.name) }
}
