public import Autodiff

/// What a model computes, as a value: its parameters by the names that files of transformers give
/// them, its layers, and the head that makes a sequence a score.
///
/// An `Architecture` makes one from the keys of a `config.json`. The forward pass, the estimate of
/// memory, freezing, loading and every export follow it, so that none of them knows a family of
/// models.
public struct Blueprint: Sendable, Equatable {
  /// From token ids to the first layer's input.
  public var embeddings: EmbeddingBlueprint
  /// The layers, from the bottom up.
  public var layers: [LayerBlueprint]
  /// The norm behind the last layer; nil where there is none.
  public var finalNorm: NormBlueprint?
  /// How a sequence's tokens become the one row that the head reads.
  public var pooling: SequencePooling
  /// The steps from that row to a score; the last one is a dense step with one output.
  public var head: [HeadStep]
  /// What weight files call things.
  public var names: WeightNaming
  /// The most tokens of a sequence.
  public var maximumPositions: Int
  /// Dropout of embeddings.
  public var embeddingDropout: Float
  /// Dropout of attention probabilities.
  public var attentionDropout: Float
  /// Dropout of the output of attention.
  public var attentionOutputDropout: Float
  /// Dropout of the output of feed-forward layers.
  public var hiddenDropout: Float
  /// Dropout in the head.
  public var headDropout: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float

  /// Parts that fit each other; nothing is checked. Rates of dropout that are not given are the hidden
  /// one.
  package init(
    embeddings: EmbeddingBlueprint, layers: [LayerBlueprint], finalNorm: NormBlueprint? = nil,
    pooling: SequencePooling, head: [HeadStep], names: WeightNaming, maximumPositions: Int,
    embeddingDropout: Float? = nil, hiddenDropout: Float, attentionDropout: Float,
    attentionOutputDropout: Float? = nil, headDropout: Float, initializerRange: Float
  ) {
    self.embeddings = embeddings
    self.layers = layers
    self.finalNorm = finalNorm
    self.pooling = pooling
    self.head = head
    self.names = names
    self.maximumPositions = maximumPositions
    self.embeddingDropout = embeddingDropout ?? hiddenDropout
    self.attentionOutputDropout = attentionOutputDropout ?? hiddenDropout
    self.hiddenDropout = hiddenDropout
    self.attentionDropout = attentionDropout
    self.headDropout = headDropout
    self.initializerRange = initializerRange
  }

  /// Rows of the table of words.
  public var vocabularySize: Int { embeddings.words.rows }
  /// The width of a token's representation.
  public var hiddenSize: Int { layers.first?.attention.output.outputs ?? embeddings.width }
  /// How many token types a token may have: 1 where the model has no table of them.
  public var tokenTypes: Int { embeddings.types?.rows ?? 1 }
  /// Whether the model tells token types apart, so that they are an input of it.
  public var hasTokenTypes: Bool { tokenTypes > 1 }
  /// How many attention heads a layer has.
  public var heads: Int { layers.first?.attention.heads ?? 0 }
  /// The width between the two products of a feed-forward layer.
  public var innerSize: Int { layers.first?.feedForward.down.inputs ?? 0 }

  /// The dense steps of the head, in order.
  package var headDenses: [DenseBlueprint] {
    head.compactMap { if case .dense(let dense) = $0 { dense } else { nil } }
  }

  /// The dense step that gives the score.
  package var classifier: DenseBlueprint {
    guard let last = headDenses.last else { preconditionFailure("a head without a dense step") }
    return last
  }

  /// The names of all modules of the head: parameters begin with one of them and a point.
  package var headModules: [String] {
    head.compactMap { step in
      switch step {
      case .dense(let dense): dense.name
      case .norm(let norm): norm.name
      case .tanh, .activation, .dropout: nil
      }
    }
  }
}
