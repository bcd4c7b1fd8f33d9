public import Diagnostics

/// The keys of a `config.json` that say whether ModernBERT's encoder is what computes, beside its
/// sizes.
extension ModernBERT {
  /// - Throws: `badData` with the key where the file asks for another computation than ModernBERT's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkEncoder(of: name)
    for key in ["is_causal", "causal_mask"] where try keys.flag(key, default: false) {
      throw keys.refusal(
        key, "\(key) is true: a token would attend only to those before it", expected: "false",
        remedy: "use an encoder")
    }
    let parameters = try keys.section("rope_parameters")
    let kinds = LayerKind.allCases.map(\.rawValue)
    if let other = parameters.names.first(where: { !kinds.contains($0) }) {
      throw parameters.refusal(
        other, "rope_parameters has the key '\(other)'",
        expected: "\(kinds.joined(separator: " and ")), each with rope_theta")
    }
    for kind in kinds { try checkRotation(try parameters.section(kind)) }
    if !keys["rope_scaling"].isEmpty { try checkRotation(try keys.section("rope_scaling")) }
    if let width = try headWidth(keys) {
      throw keys.refusal(
        "head_dim", "heads are rotated as if they had \(width) columns",
        expected: "hidden_size / num_attention_heads, or no such key")
    }
  }

  /// - Throws: `badData` for rotations that are scaled for longer texts.
  private static func checkRotation(_ keys: ConfigurationKeys) throws(Failure) {
    for key in ["rope_type", "type"] {
      let kind = try keys.string(key, default: "default")
      guard kind == "default" else {
        throw keys.refusal(
          key, "rotations are scaled by the rule '\(kind)'", expected: "default",
          remedy: "use the model without scaling: up to max_position_embeddings it needs none")
      }
    }
  }

  /// A width of heads that is not their share of the layers' width; nil for none.
  private static func headWidth(_ keys: ConfigurationKeys) throws(Failure) -> Int? {
    guard keys["head_dim"] != .null else { return nil }
    let width = try keys.count("head_dim")
    let (all, heads) = (
      try keys.count("hidden_size"),
      try keys.count("num_attention_heads")
    )
    return width * heads == all ? nil : width
  }

  /// Keys without effect, and dropout in another place than transformers'; nil where there are none.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    var notices = [keys.notice(of: name, reading: read)].compactMap { $0 }
    if case .number(let rate) = keys["mlp_dropout"], rate > 0 {
      notices.append(
        "mlp_dropout \(Float(rate)) applies behind each feed-forward layer, not between its products"
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
    "head_dim",
    "is_causal", "causal_mask",
    // Of transformers' ways to compute the same, of pretraining, and of initial values. Positions are
    // rotations whatever position_embedding_type says.
    "decoder_bias", "deterministic_flash_attn", "initializer_cutoff_factor",
    "position_embedding_type", "reference_compile", "repad_logits_with_grad",
    "sparse_pred_ignore_index", "sparse_prediction",
  ]
}
