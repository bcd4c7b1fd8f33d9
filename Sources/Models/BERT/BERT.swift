import JSON
public import Tensors

/// BERT with absolute positions, its pooler and a classifier of one label (Devlin et al., 2018): the
/// sizes and settings that `config.json` states.
public struct BERT: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["bert"]
  /// The family in messages.
  public static let name = "BERT"
  /// Models that users know.
  public static let examples = "BERT, MiniLM, BGE, E5, GTE-base and the like"
  /// The beginning of `BertModel`, `BertForSequenceClassification` and others.
  public static let classPrefix = "Bert"

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

  /// Sizes and settings; nothing is checked.
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

  /// Takes one rate of dropout everywhere.
  public mutating func replaceDropout(by rate: Float) {
    (hiddenDropout, attentionDropout, classifierDropout) = (rate, rate, rate)
  }
}
