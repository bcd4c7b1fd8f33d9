import JSON
import Tensors

/// A family whose sizes and settings have the keys of BERT.
protocol BERTKeyed {
  /// The number of token embeddings.
  var vocabularySize: Int { get }
  /// The width of a token's representation.
  var hiddenSize: Int { get }
  /// The number of layers.
  var layers: Int { get }
  /// The number of attention heads per layer.
  var heads: Int { get }
  /// The width between the two products of a feed-forward layer.
  var innerSize: Int { get }
  /// The value of `max_position_embeddings`.
  var positionRows: Int { get }
  /// The activation of the feed-forward layers.
  var activation: Activation { get }
  /// Dropout rate of embeddings and of the output of every sublayer.
  var hiddenDropout: Float { get }
  /// Dropout rate of attention probabilities.
  var attentionDropout: Float { get }
  /// The constant that norms add to the variance.
  var layerNormEpsilon: Float { get }
  /// The standard deviation of newly initialised weights.
  var initializerRange: Float { get }
  /// The id of the padding token.
  var paddingID: Int { get }
}

extension BERTKeyed {
  /// The members of a `config.json` with these sizes and settings, and the family's own.
  func members(of type: String, _ own: [String: JSONValue]) -> [String: JSONValue] {
    let shared: [String: JSONValue] = [
      "model_type": .text(type),
      "vocab_size": .whole(vocabularySize),
      "hidden_size": .whole(hiddenSize),
      "num_hidden_layers": .whole(layers),
      "num_attention_heads": .whole(heads),
      "intermediate_size": .whole(innerSize),
      "max_position_embeddings": .whole(positionRows),
      "hidden_act": .text(activation.exportedName),
      "hidden_dropout_prob": .decimal(hiddenDropout),
      "attention_probs_dropout_prob": .decimal(attentionDropout),
      "layer_norm_eps": .decimal(layerNormEpsilon),
      "initializer_range": .decimal(initializerRange),
      "pad_token_id": .whole(paddingID),
    ]
    return shared.merging(own) { $1 }
  }
}

extension BERT: BERTKeyed {
  var positionRows: Int { maximumPositions }
}
