public import Diagnostics
public import Tensors

/// MPNet (Song et al., 2020) with a classifier of one label: the sizes and settings of its
/// `config.json`.
///
/// The layers are BERT's under other names, with a bias by distance in the attention scores, which
/// all layers share. There are no token types, and the head has a dense layer instead of the pooler.
///
/// The position of a token is its index in the sequence. Sequences must not contain padding tokens:
/// transformers does not count them as positions.
public struct MPNet: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["mpnet"]
  /// The family's name in messages.
  public static let name = "MPNet"
  /// Well-known models of the family.
  public static let examples = "MPNet, all-mpnet-base, multi-qa-mpnet-base and the like"
  /// The prefix of `MPNetModel`, `MPNetForSequenceClassification` and others.
  public static let classPrefix = "MPNet"

  /// The number of buckets of distances: transformers computes this many, whatever a file says.
  static let buckets = 32
  /// The distance from which all distances share a bucket.
  static let maximumDistance = 128
  /// The row of the first token in the position table, regardless of the padding token's id.
  static let firstPosition = 2

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
  /// The number of rows of the position table, including the unused first ones.
  public var positionRows: Int
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// Dropout rate of embeddings, of the output of every sublayer, and in the head.
  public var hiddenDropout: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// The constant that LayerNorm adds to the variance.
  public var layerNormEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// The id of the padding token; unused here, but exported for other programs.
  public var paddingID: Int

  /// Creates a configuration without validating it.
  package init(
    vocabularySize: Int, hiddenSize: Int, layers: Int, heads: Int, innerSize: Int,
    positionRows: Int, activation: Activation, hiddenDropout: Float, attentionDropout: Float,
    layerNormEpsilon: Float, initializerRange: Float, paddingID: Int
  ) {
    (self.vocabularySize, self.hiddenSize, self.layers) = (vocabularySize, hiddenSize, layers)
    (self.heads, self.innerSize, self.positionRows) = (heads, innerSize, positionRows)
    (self.hiddenDropout, self.attentionDropout) = (hiddenDropout, attentionDropout)
    (self.activation, self.paddingID) = (activation, paddingID)
    (self.layerNormEpsilon, self.initializerRange) = (layerNormEpsilon, initializerRange)
  }

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) {
    (hiddenDropout, attentionDropout) = (rate, rate)
  }
}

extension MPNet {
  /// Reads the `config.json` of a model that is known to be an MPNet.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    vocabularySize = try keys.count("vocab_size")
    hiddenSize = try keys.count("hidden_size", most: RowKernels.widestRow)
    layers = try keys.count("num_hidden_layers", most: 1000)
    heads = try keys.count("num_attention_heads")
    try keys.checkHeads(heads, divide: hiddenSize, "hidden_size", "num_attention_heads")
    innerSize = try keys.count("intermediate_size")
    positionRows = try keys.count("max_position_embeddings", least: Self.firstPosition + 1)
    activation = try keys.activation("hidden_act")
    hiddenDropout = try keys.rate("hidden_dropout_prob", default: 0.1)
    attentionDropout = try keys.rate("attention_probs_dropout_prob", default: 0.1)
    layerNormEpsilon = Float(try keys.number("layer_norm_eps", default: 1e-12, in: 0...1))
    initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    paddingID = try keys.paddingID(default: 1, of: vocabularySize)
  }

  /// - Throws: `badData` with the key that requires a computation other than MPNet's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkEncoder(of: name)
    try keys.checkPositions()
    try keys.checkPlainAttention(of: name)
    let count = try keys.count("relative_attention_num_buckets", default: buckets)
    guard count == buckets else {
      throw keys.refusal(
        "relative_attention_num_buckets",
        "the model has \(count) buckets of distances, of which transformers uses \(buckets)",
        expected: "\(buckets)", remedy: "use a model that was trained with \(buckets) buckets")
    }
  }

  /// A notice about keys that no version of MPNet has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    keys.notice(of: name, reading: read)
  }

  private static let read: Set<String> = [
    "position_embedding_type", "hidden_size", "num_hidden_layers", "num_attention_heads",
    "intermediate_size", "hidden_act",
    "hidden_dropout_prob", "attention_probs_dropout_prob", "layer_norm_eps",
    "relative_attention_num_buckets",
  ]
}

extension MPNet {
  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers kept: [Int]) { layers = kept.count }
}
