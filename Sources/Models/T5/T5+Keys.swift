public import Diagnostics

extension T5 {
  /// - Throws: `badData` with the key that requires a computation other than T5's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkWeights(of: name)
    if try keys.flag("is_decoder", default: false) {
      throw keys.refusal(
        "is_decoder", "is_decoder is true: the file describes a decoder alone", expected: "false",
        remedy: "use the model with its encoder")
    }
    // This class reads the text once more with the whole decoder.
    let classes = keys["architectures"].texts
    if let classifier = classes.first(where: { $0.hasSuffix("ForSequenceClassification") }) {
      throw keys.refusal(
        "architectures",
        "\(classifier) computes its labels with a decoder that reads the whole text again",
        expected: "a language model, whose score is a logit at the decoder's first step, or an"
          + " encoder",
        remedy: "train from the language model that it was made of")
    }
  }

  /// A notice about keys that no version of T5 has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    keys.notice(of: name, reading: read)
  }

  private static let read: Set<String> = [
    "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads",
    "feed_forward_proj", "relative_attention_num_buckets", "relative_attention_max_distance",
    "dropout_rate", "classifier_dropout", "layer_norm_epsilon", "initializer_factor",
    "n_positions", "scale_decoder_outputs",
    // What transformers writes beside feed_forward_proj, and what old files have.
    "dense_act_fn", "is_gated_act", "output_past",
  ]
}
