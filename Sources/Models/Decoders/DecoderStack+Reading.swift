package import Diagnostics
package import Tensors

/// What a family of decoders takes for granted where a file does not say it.
package struct DecoderDefaults: Sendable {
  /// The number of columns per head; nil for hidden_size / num_attention_heads.
  package var headWidth: Int?
  /// The key of the activation, which the family has renamed once or never.
  package var activationKey = "hidden_act"
  /// The activation.
  package var activation = Activation.silu
  /// The base of rotary positions.
  package var base = 10_000.0
  /// Whether the language model's output layer has the token embeddings as its rows.
  package var tiesEmbeddings = false
  /// Whether hidden_size has to be a multiple of the heads even where head_dim is given.
  package var dividesWidth = false

  package init() {}
}

extension DecoderStack {
  /// Reads what all families have; every layer attends to all tokens up to its own.
  ///
  /// - Throws: `badData` naming the key for anything missing, mistyped or out of range.
  package init(_ keys: ConfigurationKeys, _ defaults: DecoderDefaults) throws(Failure) {
    hiddenSize = try keys.count("hidden_size", most: RowKernels.widestRow)
    vocabularySize = try keys.count("vocab_size")
    heads = try keys.count("num_attention_heads")
    keyValueHeads = try keys.count("num_key_value_heads", default: heads)
    guard heads % keyValueHeads == 0 else {
      throw keys.refusal(
        "num_key_value_heads",
        "\(keyValueHeads) heads of keys and values cannot be shared by \(heads) heads evenly",
        expected: "a divisor of num_attention_heads")
    }
    if keys["head_dim"] == .null && defaults.headWidth == nil || defaults.dividesWidth {
      try keys.checkHeads(heads, divide: hiddenSize, "hidden_size", "num_attention_heads")
    }
    headWidth = try keys.count(
      "head_dim", default: defaults.headWidth ?? hiddenSize / heads, most: RowKernels.widestRow)
    guard headWidth % 2 == 0 else {
      throw keys.refusal(
        keys["head_dim"] == .null ? "num_attention_heads" : "head_dim",
        "the head width \(headWidth) is odd: rotary positions need pairs of columns",
        expected: "an even head width")
    }
    innerSize = try keys.count("intermediate_size")
    maximumPositions = try keys.count("max_position_embeddings")
    let key = defaults.activationKey
    activation =
      keys[key] == .null ? defaults.activation : try keys.activation(key, orSiLU: true)
    normEpsilon = Float(try keys.number("rms_norm_eps", default: 1e-6, in: 0...1))
    initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    attentionDropout = try keys.rate("attention_dropout", default: 0)
    paddingID =
      keys["pad_token_id"] == .null
      ? nil : try keys.paddingID(default: 0, of: vocabularySize)
    tiesEmbeddings = try keys.flag("tie_word_embeddings", default: defaults.tiesEmbeddings)
    rotary = try keys.rotary(.full, base: defaults.base, positions: maximumPositions)
    slidingRotary = try keys.rotary(.sliding, base: defaults.base, positions: maximumPositions)
    layerKinds = Array(repeating: .full, count: try keys.count("num_hidden_layers", most: 1000))
  }

  /// Reads `layer_types`, or takes the family's own pattern, and the window of sliding layers.
  ///
  /// - Throws: `badData` with the key if the list is malformed, or windows have no width.
  package mutating func readLayerKinds(
    _ keys: ConfigurationKeys, otherwise pattern: (Int) -> LayerKind
  ) throws(Failure) {
    let count = layerKinds.count
    layerKinds = try keys.layerTypes(count, as: LayerKind.self) ?? (0..<count).map(pattern)
    if layerKinds.contains(.sliding) { window = try keys.count("sliding_window", default: 4096) }
  }
}

extension ConfigurationKeys {
  /// Rejects what no family of decoders computes.
  ///
  /// - Parameter windows: whether the family has layers with windows.
  /// - Throws: `badData` with the key that asks for another computation.
  package func checkDecoder(
    of family: String, windows: Bool, knownCode: String? = nil
  ) throws(Failure) {
    try checkStack(of: family, knownCode: knownCode)
    for key in ["use_bidirectional_attention"] where try flag(key, default: false) {
      throw refusal(
        key, "\(key) is true: a token would attend to those after it", expected: "false",
        remedy: "use a model that was trained with causal attention")
    }
    if windows { return }
    if !self["sliding_window"].isEmpty || self["layer_types"].texts.contains("sliding_attention") {
      let key = self["sliding_window"].isEmpty ? "layer_types" : "sliding_window"
      throw refusal(
        key, "\(key) asks for windows, which \(Architectures.withArticle(family)) has not",
        expected: "no such key", remedy: "check model_type, or remove the key")
    }
  }

  /// The keys that decoders read beside those of every model.
  package static let ofDecoders: Set<String> = [
    "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
    "intermediate_size", "hidden_act", "hidden_activation", "rms_norm_eps", "attention_dropout",
    "rope_theta", "rope_scaling", "rope_parameters", "rope_local_base_freq",
    "partial_rotary_factor", "sliding_window", "use_sliding_window", "max_window_layers",
    "attention_bias", "mlp_bias", "query_pre_attn_scalar", "attn_logit_softcapping",
    "final_logit_softcapping", "use_bidirectional_attention", "sliding_window_pattern",
    "_sliding_window_pattern", "cache_implementation", "pretraining_tp", "pooling", "temperature",
  ]
}
