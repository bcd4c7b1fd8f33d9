public import Diagnostics

/// The keys of a `config.json`, apart from the sizes, that determine whether the model is a DeBERTa
/// that transformers implements.
extension DeBERTa {
  /// - Throws: `badData` with the key that requires a computation other than DeBERTa's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkEncoder(of: name)
    try keys.checkPlainAttention(of: name)
    try keys.checkPositions()
    let width = try keys.count("conv_kernel_size", default: 0, least: 0)
    if width > 0, width % 2 == 0 {
      throw keys.refusal(
        "conv_kernel_size", "the convolution over \(width) tokens shortens sequences",
        expected: "an odd number, or 0 for no convolution",
        remedy: "take the config.json that belongs to the weights")
    }
    let groups = try keys.count("conv_groups", default: 1)
    if width > 0, groups > 1 {
      throw keys.refusal(
        "conv_groups", "the convolution has \(groups) groups of columns", expected: "1",
        remedy: "use a model as it was published: none has groups")
    }
    for key in ["talking_head", "use_talking_head"] where !keys[key].isEmpty {
      throw keys.refusal(
        key, "\(key) is \(keys[key].found): heads would be mixed before the softmax",
        expected: "no such key", remedy: "use a model that transformers implements")
    }
    if try keys.count("z_steps", default: 0, least: 0) > 1 {
      throw keys.refusal(
        "z_steps", "z_steps repeats the last layer", expected: "0, or no such key",
        remedy: "use a model that transformers implements")
    }
  }

  /// A notice about keys without effect on scores; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    keys.notice(of: name, reading: read)
  }

  private static let read: Set<String> = [
    "position_embedding_type", "hidden_size", "embedding_size", "num_hidden_layers",
    "num_attention_heads", "intermediate_size", "type_vocab_size", "hidden_act",
    "hidden_dropout_prob", "attention_probs_dropout_prob", "layer_norm_eps", "relative_attention",
    "max_relative_positions", "position_buckets", "position_biased_input", "pos_att_type",
    "share_att_key", "norm_rel_ebd", "pooler_dropout", "pooler_hidden_act", "pooler_hidden_size",
    "cls_dropout", "attention_head_size", "conv_kernel_size", "conv_act", "conv_groups",
    "talking_head", "use_talking_head", "z_steps",
    // The form of the head of pretraining.
    "legacy", "padding_idx",
  ]
}
