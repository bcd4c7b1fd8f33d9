public import Diagnostics

/// The keys of a `config.json`, apart from the sizes, that determine whether the model is GTE's
/// encoder.
extension GTE {
  /// - Throws: `badData` with the key that requires a computation other than GTE's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    // The files name the published code, which this family computes.
    try keys.checkEncoder(of: name, knownCode: classPrefix)
    try keys.checkWindows(of: name)
    try keys.checkPositions(["rope", "absolute"])
    guard !keys["rope_parameters"].isEmpty || !keys["rope_scaling"].isEmpty else { return }
    let parameters = try keys.section("rope_parameters")
    if let first = parameters.names.first {
      throw parameters.refusal(
        first, "a \(name) reads its rotary positions from rope_theta and rope_scaling",
        expected: "rope_theta, and perhaps rope_scaling, in place of rope_parameters")
    }
    try checkScaling(try keys.section("rope_scaling"))
  }

  /// - Throws: `badData` for rotary positions that are scaled in a way that the published code lacks.
  private static func checkScaling(_ keys: ConfigurationKeys) throws(Failure) {
    for key in ["type", "rope_type"] where keys[key] != .null {
      let kind = try keys.string(key, default: "")
      guard kind == "ntk" else {
        throw keys.refusal(key, "the scaling of rotary positions is '\(kind)'", expected: "ntk")
      }
    }
    let known = ["type", "rope_type", "factor", "mixed_b"]
    if let other = keys.names.first(where: { !known.contains($0) }) {
      throw keys.refusal(
        other, "rope_scaling has an unknown key '\(other)'", expected: "type, factor and mixed_b")
    }
  }

  /// A notice about keys that no version of GTE has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    keys.notice(of: name, reading: read)
  }

  private static let read: Set<String> = [
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
    "type_vocab_size", "hidden_act", "hidden_dropout_prob", "attention_probs_dropout_prob",
    "classifier_dropout", "layer_norm_type", "layer_norm_eps", "position_embedding_type",
    "rope_theta", "rope_scaling", "rope_parameters", "pack_qkv", "logn_attention_scale",
    "logn_attention_clip1",
    // Of the published code's implementations.
    "unpad_inputs", "use_memory_efficient_attention",
  ]
}
