public import Tensors

/// DeBERTa of its second and third version (He et al., 2021 and 2023) with a classifier of one label:
/// the sizes and settings of its `config.json`.
///
/// Attention is disentangled: scores have products of contents and of relative positions. There are
/// as a rule neither positions nor token types in the embeddings.
public struct DeBERTa: Architecture, Equatable {
  /// The value of `model_type`. The first version, `deberta`, computes something else.
  public static let modelTypes = ["deberta-v2"]
  /// The family's name in messages.
  public static let name = "DeBERTa"
  /// Well-known models of the family.
  public static let examples = "DeBERTa-v3, mDeBERTa, mxbai-rerank-v1 and the like"
  /// The prefix of `DebertaV2Model`, `DebertaV2ForSequenceClassification` and others.
  public static let classPrefix = "DebertaV2"

  /// The relative positions of attention.
  public struct Relative: Sendable, Equatable {
    /// Half the number of rows of the table.
    public var span: Int
    /// The value of `position_buckets`; nil if every distance has its own row.
    public var buckets: Int?
    /// The largest distance, up to which buckets grow.
    public var maximum: Int
    /// Whether queries are multiplied with keys of positions ("c2p").
    public var hasKeys: Bool
    /// Whether keys are multiplied with queries of positions ("p2c").
    public var hasQueries: Bool
    /// Whether positions are projected like contents.
    public var sharesProjections: Bool
    /// Whether the table's rows are normalised.
    public var isNormed: Bool

    /// Combines settings without validating them.
    package init(
      span: Int, buckets: Int?, maximum: Int, hasKeys: Bool, hasQueries: Bool,
      sharesProjections: Bool, isNormed: Bool
    ) {
      (self.span, self.buckets, self.maximum) = (span, buckets, maximum)
      (self.hasKeys, self.hasQueries) = (hasKeys, hasQueries)
      (self.sharesProjections, self.isNormed) = (sharesProjections, isNormed)
    }
  }

  /// The activation of the pooler and of the convolution.
  public enum PoolerActivation: Sendable, Equatable {
    case tanh
    case activation(Activation)
  }

  /// The number of token embeddings.
  public var vocabularySize: Int
  /// The width of a token's representation.
  public var hiddenSize: Int
  /// The width of the embedding tables.
  public var embeddingSize: Int
  /// The number of layers.
  public var layers: Int
  /// The number of attention heads per layer.
  public var heads: Int
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int
  /// The maximum length of a sequence.
  public var maximumPositions: Int
  /// Whether the embeddings have positions.
  public var hasPositions: Bool
  /// The number of token types; 0 for no embeddings of them.
  public var tokenTypes: Int
  /// The relative positions; nil for plain attention.
  public var relative: Relative?
  /// The number of tokens of the convolution beside the first layer; 0 for none.
  public var convolutionWidth = 0
  /// The activation of the convolution.
  public var convolutionActivation = PoolerActivation.tanh
  /// The activation of the feed-forward layers.
  public var activation: Activation
  /// The activation of the pooler.
  public var poolerActivation: PoolerActivation
  /// Dropout rate of embeddings, of relative positions and of the output of every sublayer.
  public var hiddenDropout: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// Whether dropout precedes the pooler, at the classifier's rate.
  public var dropsPooled: Bool
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
    vocabularySize: Int, hiddenSize: Int, embeddingSize: Int, layers: Int, heads: Int,
    innerSize: Int, maximumPositions: Int, hasPositions: Bool, tokenTypes: Int,
    relative: Relative?, activation: Activation, poolerActivation: PoolerActivation,
    hiddenDropout: Float, attentionDropout: Float, dropsPooled: Bool, classifierDropout: Float,
    layerNormEpsilon: Float, initializerRange: Float, paddingID: Int
  ) {
    (self.vocabularySize, self.hiddenSize, self.layers) = (vocabularySize, hiddenSize, layers)
    (self.embeddingSize, self.heads, self.innerSize) = (embeddingSize, heads, innerSize)
    (self.maximumPositions, self.hasPositions) = (maximumPositions, hasPositions)
    (self.tokenTypes, self.relative, self.activation) = (tokenTypes, relative, activation)
    (self.poolerActivation, self.dropsPooled) = (poolerActivation, dropsPooled)
    (self.hiddenDropout, self.attentionDropout) = (hiddenDropout, attentionDropout)
    (self.classifierDropout, self.paddingID) = (classifierDropout, paddingID)
    (self.layerNormEpsilon, self.initializerRange) = (layerNormEpsilon, initializerRange)
  }

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) {
    (hiddenDropout, attentionDropout, classifierDropout) = (rate, rate, rate)
  }

  /// The pooler can have the activation of a head of modules.
  public mutating func adopt(_ head: ModularHead) {
    guard head.steps.count > 1, case .dense = head.steps[0] else { return }
    switch head.steps[1] {
    case .tanh: poolerActivation = .tanh
    case .activation(let activation): poolerActivation = .activation(activation)
    case .dense, .norm, .dropout: break
    }
  }
}

extension DeBERTa {
  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers kept: [Int]) { layers = kept.count }
}
