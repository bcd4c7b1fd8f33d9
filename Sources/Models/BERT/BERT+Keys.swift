public import Diagnostics

/// The keys of a `config.json`, apart from the sizes, that determine whether the model is BERT's
/// encoder with absolute positions.
///
/// Every key is either read, known not to affect scores, rejected because it requires a different
/// computation, or named in a notice.
extension BERT {
  /// - Throws: `badData` with the key that requires a computation other than BERT's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try check(keys, of: name)
  }

  /// The same for a family that has BERT's encoder and this name in messages.
  ///
  /// - Parameter knownCode: what the names of classes begin with that compute the same.
  static func check(
    _ keys: ConfigurationKeys, of family: String, knownCode: String? = nil
  ) throws(Failure) {
    try keys.checkEncoder(of: family, knownCode: knownCode)
    try keys.checkPositions()
    try keys.checkPlainAttention(of: family)
    let inner = try keys.string("feed_forward_type", default: "original")
    guard inner == "original" else {
      throw keys.refusal(
        "feed_forward_type", "feed_forward_type is '\(inner)'", expected: "original, or no such key"
      )
    }
  }

  /// A notice about keys that no version of BERT has, which a user may expect to have an effect;
  /// nil without such keys. transformers ignores them too.
  public static func notice(_ keys: ConfigurationKeys) -> String? { notice(keys, of: name) }

  /// The same for a family that has BERT's encoder.
  ///
  /// - Parameter more: the family's own keys, in addition to BERT's.
  static func notice(
    _ keys: ConfigurationKeys, of family: String, reading more: Set<String> = []
  ) -> String? {
    keys.notice(of: family, reading: read.union(more))
  }

  private static let read: Set<String> = [
    "position_embedding_type", "feed_forward_type", "hidden_size", "num_hidden_layers",
    "num_attention_heads", "intermediate_size", "type_vocab_size", "hidden_act",
    "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "layer_norm_eps",
    "directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
    "pooler_size_per_head", "pooler_type",
  ]
}
