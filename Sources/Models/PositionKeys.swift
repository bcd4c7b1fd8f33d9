package import Diagnostics

/// Keys of `config.json` about windows and positions, in families without windows, or without rotary
/// positions. transformers ignores them, but a file that has them intends other scores.
extension ConfigurationKeys {
  /// Rejects keys of windowed attention and of rotary positions.
  ///
  /// - Parameter family: the name of the family in messages.
  /// - Throws: `badData` with the key.
  package func checkPlainAttention(of family: String) throws(Failure) {
    try checkWindows(of: family)
    let model = Architectures.withArticle(family)
    for key in ["rope_scaling", "rope_parameters"] where !self[key].isEmpty {
      throw refusal(
        key, "\(key) is there, but \(model) has no rotary positions", expected: "no such key",
        remedy: "use a model with rotary positions, such as a ModernBERT; if these weights were"
          + " trained without them, remove the key")
    }
  }

  /// Rejects keys of windowed attention.
  ///
  /// - Parameter family: the name of the family in messages.
  /// - Throws: `badData` with the key.
  package func checkWindows(of family: String) throws(Failure) {
    let model = Architectures.withArticle(family)
    let isOff = self["use_sliding_window"] == .flag(false)
    for key in ["sliding_window", "use_sliding_window", "local_attention", "attention_window"]
    where !self[key].isEmpty && !(isOff && key == "sliding_window") {
      throw refusal(
        key, "\(key) is \(self[key].found), but \(model) has no windows", expected: "no such key",
        remedy: "use a model with windows, such as a ModernBERT; if these weights were trained"
          + " without them, remove the key")
    }
    if let kind = self["layer_types"].texts.first(where: { $0 != "full_attention" }) {
      throw refusal(
        "layer_types", "the type of a layer is '\(kind)', but \(model) has no windows",
        expected: "full_attention alone, or no such key",
        remedy: "use a model with windows, such as a ModernBERT; if these weights were trained"
          + " without them, remove the key")
    }
  }

  /// Rejects kinds of positions that the family does not have.
  ///
  /// - Parameter known: the values of `position_embedding_type` for what the family computes.
  /// - Throws: `badData` with the key.
  package func checkPositions(_ known: [String] = ["absolute"]) throws(Failure) {
    let key = "position_embedding_type"
    let found = try string(key, default: known[0])
    guard known.contains(found) else {
      throw refusal(
        key, "\(key) is '\(found)'", expected: known.joined(separator: " or "),
        remedy: "use a model of the family as it was published")
    }
  }

  /// The id of the padding token, a row of the token embeddings.
  ///
  /// - Throws: `badData` if it is not one of them; the default need not be.
  package func paddingID(default fallback: Int, of vocabularySize: Int) throws(Failure) -> Int {
    let id = try count("pad_token_id", default: fallback, least: 0)
    guard id < vocabularySize || self["pad_token_id"] == .null else {
      throw refusal(
        "pad_token_id", "pad_token_id is \(id), but the model has \(vocabularySize) tokens",
        expected: "an id below vocab_size",
        remedy: "use the config.json and weights of the same model")
    }
    return id
  }
}
