public import Diagnostics

/// The keys of a `config.json`, apart from the sizes, that determine whether the model is
/// ModernBERT's encoder.
extension ModernBERT {
  /// - Throws: `badData` with the key that requires a computation other than ModernBERT's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkEncoder(of: name)
    for key in ["is_causal", "causal_mask"] where try keys.flag(key, default: false) {
      throw keys.refusal(
        key, "\(key) is true: a token would attend only to those before it", expected: "false",
        remedy: "use an encoder model")
    }
    let parameters = try keys.section("rope_parameters")
    let kinds = LayerKind.allCases.map(\.rawValue)
    if let other = parameters.names.first(where: { !kinds.contains($0) }) {
      throw parameters.refusal(
        other, "rope_parameters has an unknown key '\(other)'",
        expected: "\(kinds.joined(separator: " and ")), each with rope_theta")
    }
    for kind in kinds { try checkRotation(try parameters.section(kind)) }
    if !keys["rope_scaling"].isEmpty { try checkRotation(try keys.section("rope_scaling")) }
    // Positions are rotary whatever these say; other values name another network.
    try keys.checkPositions(["absolute", "sans_pos", "rotary", "rope"])
    // transformers takes this one for half of local_attention.
    if keys["sliding_window"] != .null {
      let half = try keys.count("sliding_window", least: 0)
      let window = try keys.count("local_attention", default: 128)
      guard half == window / 2 else {
        throw keys.refusal(
          "sliding_window", "sliding_window is \(half), but local_attention is \(window)",
          expected: "half of local_attention, or no such key",
          remedy: "remove the key that was not used in training")
      }
    }
    if let width = try headWidth(keys) {
      throw keys.refusal(
        "head_dim", "head_dim \(width) is not hidden_size / num_attention_heads",
        expected: "the quotient, or no such key")
    }
  }

  /// - Throws: `badData` for rotary positions that are scaled for longer texts.
  private static func checkRotation(_ keys: ConfigurationKeys) throws(Failure) {
    for key in ["rope_type", "type"] {
      let kind = try keys.string(key, default: "default")
      guard kind == "default" else {
        throw keys.refusal(
          key, "the scaling of rotary positions is '\(kind)'", expected: "default",
          remedy: "remove the scaling: sequences up to max_position_embeddings need none")
      }
    }
  }

  /// A head width other than hidden_size / num_attention_heads; nil if there is none.
  private static func headWidth(_ keys: ConfigurationKeys) throws(Failure) -> Int? {
    guard keys["head_dim"] != .null else { return nil }
    let width = try keys.count("head_dim")
    let (all, heads) = (
      try keys.count("hidden_size"),
      try keys.count("num_attention_heads")
    )
    return width * heads == all ? nil : width
  }

  /// A notice about keys without effect, and about dropout that is not in transformers' place; nil
  /// without either.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    var notices = [keys.notice(of: name, reading: read)].compactMap { $0 }
    if case .number(let rate) = keys["mlp_dropout"], rate > 0 {
      notices.append(
        "mlp_dropout \(Float(rate)) is applied to the output of each feed-forward layer;"
          + " transformers applies it before the second product"
      )
    }
    return notices.isEmpty ? nil : notices.joined(separator: "; ")
  }

  private static let read: Set<String> = [
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "hidden_activation", "norm_eps", "norm_bias", "attention_bias", "mlp_bias", "classifier_bias",
    "classifier_pooling", "classifier_activation", "embedding_dropout", "attention_dropout",
    "mlp_dropout", "classifier_dropout", "layer_types", "rope_parameters", "local_attention",
    "global_attn_every_n_layers", "global_rope_theta", "local_rope_theta", "rope_scaling",
    "head_dim", "sliding_window",
    "is_causal", "causal_mask",
    // Of transformers' implementations, of pretraining and of initialisation. Positions are rotary
    // regardless of position_embedding_type.
    "decoder_bias", "deterministic_flash_attn", "initializer_cutoff_factor",
    "position_embedding_type", "reference_compile", "repad_logits_with_grad",
    "sparse_pred_ignore_index", "sparse_prediction",
  ]
}
