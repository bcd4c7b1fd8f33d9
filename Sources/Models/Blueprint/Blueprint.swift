public import Autodiff

/// The computation of a model as a value: its parameters under their names in transformers, its
/// layers, and the head that turns a sequence into a score.
///
/// An `Architecture` builds one from the keys of a `config.json`. The forward pass, the memory
/// estimate, freezing, loading and every export follow it, so that none of them depends on a family
/// of models.
public struct Blueprint: Sendable, Equatable {
  /// From token ids to the first layer's input.
  public var embeddings: EmbeddingBlueprint
  /// The layers, from the bottom up.
  public var layers: [LayerBlueprint]
  /// The norm after the last layer, if any.
  public var finalNorm: NormBlueprint?
  /// The first step of a decoder, whose state is the row that the head reads; nil for encoders and
  /// decoders alone.
  public var decoder: FirstStepBlueprint?
  /// The pooling of a sequence's tokens into the row that the head reads; of no effect with a
  /// decoder behind the encoder.
  public var pooling: SequencePooling
  /// The steps from that row to a score; the last one is a dense step with one output.
  public var head: [HeadStep]
  /// The output layer of a language model, from which a score head can be made; nil for encoders.
  public var languageHead: LanguageHead?
  /// The names of tensors in weight files.
  public var names: WeightNaming
  /// The maximum number of tokens per sequence.
  public var maximumPositions: Int
  /// Dropout rate of embeddings.
  public var embeddingDropout: Float
  /// Dropout rate of attention probabilities.
  public var attentionDropout: Float
  /// Dropout rate of the output of attention.
  public var attentionOutputDropout: Float
  /// Dropout rate of the output of feed-forward layers.
  public var hiddenDropout: Float
  /// Dropout rate in the head.
  public var headDropout: Float
  /// The standard deviation of newly initialised weights.
  public var initializerRange: Float

  /// Combines matching parts without validating them. A dropout rate that is not given is the
  /// hidden one.
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

  /// The number of token embeddings.
  public var vocabularySize: Int { embeddings.words.rows }
  /// The width of a token's representation.
  public var hiddenSize: Int { layers.first?.attention.output.outputs ?? embeddings.width }
  /// The number of token types: 1 if the model has no embeddings of them.
  public var tokenTypes: Int { embeddings.types?.rows ?? 1 }
  /// Whether token types are an input of the model: with a single type they cannot change a score.
  public var hasTokenTypes: Bool { tokenTypes > 1 }
  /// The number of attention heads per layer.
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

  /// The names of all modules of the head: parameter names begin with one of them and a full stop.
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
