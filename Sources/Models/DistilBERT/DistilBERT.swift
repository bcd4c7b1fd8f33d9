public import Diagnostics
public import Tensors

/// DistilBERT (Sanh et al., 2019) with a classifier of one label: the sizes and settings of its
/// `config.json`.
///
/// The layers are BERT's under other names and keys. There are no token types, and the head has a
/// dense layer with ReLU.
public struct DistilBERT: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["distilbert"]
  /// The family's name in messages.
  public static let name = "DistilBERT"
  /// Well-known models of the family.
  public static let examples = "DistilBERT, TAS-B and the like"
  /// The prefix of `DistilBertModel`, `DistilBertForSequenceClassification` and others.
  public static let classPrefix = "DistilBert"

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
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// Dropout rate of embeddings and of the output of feed-forward layers.
  public var dropout: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// Dropout rate of the output of attention: 0, unless a recipe replaces the file's rates.
  public var attentionOutputDropout: Float = 0
  /// Dropout rate before the classifier.
  public var classifierDropout: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// The id of the padding token; unused here, but exported for other programs.
  public var paddingID: Int
  /// Whether the positions were sines instead of trained rows; the files contain the table in
  /// either case.
  public var hasSinePositions: Bool

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) {
    (dropout, attentionDropout, attentionOutputDropout) = (rate, rate, rate)
    classifierDropout = rate
  }
}

extension DistilBERT {
  /// Reads the `config.json` of a model that is known to be a DistilBERT.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    hiddenSize = try keys.count("dim", most: RowKernels.widestRow)
    heads = try keys.count("n_heads")
    try keys.checkHeads(heads, divide: hiddenSize, "dim", "n_heads")
    vocabularySize = try keys.count("vocab_size")
    layers = try keys.count("n_layers", most: 1000)
    innerSize = try keys.count("hidden_dim")
    maximumPositions = try keys.count("max_position_embeddings")
    activation = try keys.activation("activation")
    dropout = try keys.rate("dropout", default: 0.1)
    attentionDropout = try keys.rate("attention_dropout", default: 0.1)
    classifierDropout = try keys.rate("seq_classif_dropout", default: 0.2)
    initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    paddingID = try keys.paddingID(default: 0, of: vocabularySize)
    hasSinePositions = try keys.flag("sinusoidal_pos_embds", default: false)
  }

  /// - Throws: `badData` with the key that requires a computation other than DistilBERT's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkEncoder(of: name)
    try keys.checkPositions()
    try keys.checkPlainAttention(of: name)
  }

  /// A notice about keys that no version of DistilBERT has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    keys.notice(of: name, reading: read)
  }

  private static let read: Set<String> = [
    "position_embedding_type", "dim", "n_heads", "n_layers", "hidden_dim", "activation", "dropout",
    "attention_dropout",
    "seq_classif_dropout", "sinusoidal_pos_embds",
    // Of another head and of pretraining.
    "qa_dropout", "tie_weights_",
  ]
}

extension DistilBERT {
  /// The key of the number of layers.
  public static let layerKeys = ["n_layers"]

  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers kept: [Int]) { layers = kept.count }
}
