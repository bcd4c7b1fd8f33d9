import JSON
public import Tensors

/// BERT with absolute positions, its pooler and a classifier of one label (Devlin et al., 2018):
/// the sizes and settings of its `config.json`.
public struct BERT: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["bert"]
  /// The family's name in messages.
  public static let name = "BERT"
  /// Well-known models of the family.
  public static let examples = "BERT, MiniLM, BGE, E5, GTE-base and the like"
  /// The prefix of `BertModel`, `BertForSequenceClassification` and others.
  public static let classPrefix = "Bert"

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
  /// The number of token types.
  public var tokenTypes: Int
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// Dropout rate of embeddings and of the output of every sublayer.
  public var hiddenDropout: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// Dropout rate before the classifier; by default the hidden rate.
  public var classifierDropout: Float
  /// The constant that LayerNorm adds to the variance.
  public var layerNormEpsilon: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float
  /// The id of the padding token; unused here, but exported for other programs.
  public var paddingID: Int

  /// Creates a configuration without validating it.
  package init(
    vocabularySize: Int, hiddenSize: Int, layers: Int,
    heads: Int, innerSize: Int, maximumPositions: Int,
    tokenTypes: Int, activation: Activation, hiddenDropout: Float,
    attentionDropout: Float, classifierDropout: Float, layerNormEpsilon: Float,
    initializerRange: Float, paddingID: Int
  ) {
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.heads = heads
    self.innerSize = innerSize
    self.maximumPositions = maximumPositions
    self.tokenTypes = tokenTypes
    self.activation = activation
    self.hiddenDropout = hiddenDropout
    self.attentionDropout = attentionDropout
    self.classifierDropout = classifierDropout
    self.layerNormEpsilon = layerNormEpsilon
    self.initializerRange = initializerRange
    self.paddingID = paddingID
  }

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) {
    (hiddenDropout, attentionDropout, classifierDropout) = (rate, rate, rate)
  }
}

extension BERT {
  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers kept: [Int]) { layers = kept.count }
}
