public import Diagnostics
public import Tensors

/// The sizes and settings of a BERT encoder, as `config.json` states them.
public struct EncoderConfiguration: Sendable, Equatable {
  /// Rows of the word table.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// How many layers there are.
  public var layers: Int
  /// How many attention heads a layer has.
  public var heads: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// The longest sequence there are positions for.
  public var maximumPositions: Int
  /// How many token types there are.
  public var tokenTypes: Int
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// Dropout of embeddings and of the output of every sublayer.
  public var hiddenDropout: Float
  /// Dropout of attention probabilities.
  public var attentionDropout: Float
  /// Dropout before the score; the hidden rate where the file does not say.
  public var classifierDropout: Float
  /// What LayerNorm adds to the variance.
  public var layerNormEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// The id of the padding token; never used here, but others need it.
  public var paddingID: Int

  /// Reads a `config.json`.
  ///
  /// - Throws: `Failure` naming the key for anything missing, mistyped, out of range, or of a kind
  ///   of model other than BERT with absolute positions.
  public init(json: [UInt8], name: String) throws(Failure) {
    let keys = try ConfigurationKeys(json, name: name)
    try ComputationKeys(keys).check()
    try self.init(sizes: keys)
  }

  /// Reads what a `config.json` says of a model that is known to be a BERT.
  init(sizes keys: ConfigurationKeys) throws(Failure) {
    let name = keys.name
    vocabularySize = try keys.count("vocab_size")
    hiddenSize = try keys.count("hidden_size", most: RowKernels.widestRow)
    layers = try keys.count("num_hidden_layers", most: 1000)
    heads = try keys.count("num_attention_heads")
    innerSize = try keys.count("intermediate_size")
    maximumPositions = try keys.count("max_position_embeddings")
    tokenTypes = try keys.count("type_vocab_size", default: 2)
    let activationName = try keys.string("hidden_act", default: "gelu")
    guard let activation = Self.activations[activationName] else {
      let known = Self.activations.keys.sorted()
      throw Failure(
        .badData, "hidden_act is '\(activationName)'", at: Place(name, key: "hidden_act"),
        expected: "one of \(known.joined(separator: ", "))")
    }
    self.activation = activation
    hiddenDropout = try keys.rate("hidden_dropout_prob", default: 0.1)
    attentionDropout = try keys.rate("attention_probs_dropout_prob", default: 0.1)
    classifierDropout = try keys.rate("classifier_dropout", default: hiddenDropout)
    layerNormEpsilon = Float(try keys.number("layer_norm_eps", default: 1e-12, in: 0...1))
    initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    paddingID = try keys.count("pad_token_id", default: 0, least: 0)
    guard hiddenSize % heads == 0 else {
      throw Failure(
        .badData, "hidden_size \(hiddenSize) is not a multiple of \(heads) attention heads",
        at: Place(name, key: "num_attention_heads"))
    }
  }

  /// Activations by the names that transformers has for them. Those in one row are one function,
  /// computed in different ways.
  private static let activations: [String: Activation] = [
    "gelu": .gelu, "gelu_python": .gelu,
    "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_python_tanh": .geluTanh,
    "gelu_fast": .geluTanh, "gelu_accurate": .geluTanh,
    "relu": .relu,
  ]
}
