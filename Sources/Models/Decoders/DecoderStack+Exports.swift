package import JSON
import Tensors

extension DecoderStack {
  /// The members of a `config.json` that all families have. Rotary positions appear under their old
  /// keys, which servers read, and under that of transformers 5.
  package func members(
    of type: String, activationKey: String = "hidden_act"
  ) -> [String: JSONValue] {
    [
      "model_type": .text(type),
      "vocab_size": .whole(vocabularySize),
      "hidden_size": .whole(hiddenSize),
      "num_hidden_layers": .whole(layerKinds.count),
      "num_attention_heads": .whole(heads),
      "num_key_value_heads": .whole(keyValueHeads),
      "head_dim": .whole(headWidth),
      "intermediate_size": .whole(innerSize),
      "max_position_embeddings": .whole(maximumPositions),
      activationKey: .text(activation.exportedName),
      "rms_norm_eps": .decimal(normEpsilon),
      "initializer_range": .decimal(initializerRange),
      "attention_dropout": .decimal(attentionDropout),
      "rope_theta": .number(rotary.base),
      "rope_scaling": rotary.scaling == .none ? .null : .object(rotary.scaling.members),
      "rope_parameters": .object(Self.members(of: rotary)),
    ].merging(paddingID.map { ["pad_token_id": .whole($0)] } ?? [:]) { $1 }
  }

  /// The object of transformers 5 that describes rotary positions.
  static func members(of rotary: Rotary) -> [String: JSONValue] {
    ["rope_theta": .number(rotary.base), "rope_type": "default"]
      .merging(rotary.scaling.members) { $1 }
  }

  /// The types of the layers.
  var layerTypes: JSONValue { .list(layerKinds.map { .text($0.rawValue) }) }
}
