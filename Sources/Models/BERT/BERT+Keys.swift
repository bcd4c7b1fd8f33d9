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
  static func check(_ keys: ConfigurationKeys, of family: String) throws(Failure) {
    func refusal(
      _ key: String, _ problem: String, expected: String, remedy: String? = nil
    ) -> Failure { Self.refusal(keys, key, problem, expected: expected, remedy: remedy) }
    if try keys.flag("is_decoder", default: false) {
      throw refusal(
        "is_decoder", "is_decoder is true: a token would attend only to those before it",
        expected: "false",
        remedy: "use an encoder; if these weights were trained with attention in both directions,"
          + " set is_decoder to false")
    }
    for key in ["add_cross_attention", "is_encoder_decoder"]
    where try keys.flag(key, default: false) {
      throw refusal(
        key, "\(key) is true: the layers would attend to a second encoder", expected: "false",
        remedy: "use a model that is an encoder alone")
    }
    let positions = try keys.string("position_embedding_type", default: "absolute")
    guard positions == "absolute" else {
      throw refusal(
        "position_embedding_type", "position_embedding_type is '\(positions)'",
        expected: "absolute")
    }
    let inner = try keys.string("feed_forward_type", default: "original")
    guard inner == "original" else {
      throw refusal(
        "feed_forward_type", "feed_forward_type is '\(inner)'", expected: "original, or no such key"
      )
    }
    if !keys["pruned_heads"].isEmpty {
      throw refusal(
        "pruned_heads", "some attention heads have been pruned", expected: "{}",
        remedy: "use the model from before pruning")
    }
    if !keys["quantization_config"].isEmpty {
      throw refusal(
        "quantization_config", "the weights are quantised", expected: "F32, F16, BF16 or F64",
        remedy: "use the unquantised model, or save it after dequantize() of transformers")
    }
    try checkCode(keys, of: family)
    let files = ["model.safetensors", "model.safetensors.index.json"]
    if !keys["transformers_weights"].isEmpty,
      !files.contains(try keys.string("transformers_weights", default: ""))
    {
      throw refusal(
        "transformers_weights", "the weights are in a non-standard file",
        expected: "no such key, and the weights in model.safetensors",
        remedy: "rename the file to model.safetensors, and remove the key")
    }
  }

  /// Rejects custom model code, whose computation is unknown. A tokenizer's code does not count:
  /// this program reads the tokenizer's files itself.
  private static func checkCode(_ keys: ConfigurationKeys, of family: String) throws(Failure) {
    guard case .object(let classes) = keys["auto_map"] else { return }
    let models = classes.filter { $0.key.hasPrefix("AutoModel") || $0.key == "AutoConfig" }
    let names = models.sorted { $0.key < $1.key }.flatMap(\.value.texts)
    guard !names.isEmpty else { return }
    throw refusal(
      keys, "auto_map",
      "the model uses custom code: \(names.map { "'\($0)'" }.joined(separator: ", "))",
      expected: "a model that transformers implements as \(family)",
      remedy: "use another model; if its weights are a plain \(family)'s, remove auto_map")
  }

  private static func refusal(
    _ keys: ConfigurationKeys, _ key: String, _ problem: String, expected: String,
    remedy: String? = nil
  ) -> Failure {
    Failure(.badData, problem, at: Place(keys.name, key: key), expected: expected, remedy: remedy)
  }

  /// A notice about keys that no version of BERT has, which a user may expect to have an effect;
  /// nil without such keys. transformers ignores them too.
  public static func notice(_ keys: ConfigurationKeys) -> String? { notice(keys, of: name) }

  /// The same for a family that has BERT's encoder.
  static func notice(_ keys: ConfigurationKeys, of family: String) -> String? {
    let unknown = keys.names.filter {
      !read.contains($0) && !harmless.contains($0) && !keys[$0].isEmpty
    }
    guard !unknown.isEmpty else { return nil }
    return "keys of config.json without effect on a \(family): \(unknown.joined(separator: ", "))"
  }

  private static let read: Set<String> = [
    "model_type", "is_decoder", "add_cross_attention", "is_encoder_decoder",
    "position_embedding_type", "feed_forward_type", "pruned_heads", "quantization_config",
    "auto_map", "transformers_weights", "vocab_size", "hidden_size", "num_hidden_layers",
    "num_attention_heads", "intermediate_size", "max_position_embeddings", "type_vocab_size",
    "hidden_act", "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout",
    "layer_norm_eps", "initializer_range", "pad_token_id", "num_labels", "id2label", "label2id",
    "problem_type", "architectures",
  ]

  /// Keys about a file's origin, its storage, training or generation, and settings of heads that
  /// are read from the weights: none changes the encoder's computation.
  private static let harmless: Set<String> = [
    "_name_or_path", "_commit_hash", "_attn_implementation", "_attn_implementation_autoset",
    "_num_labels", "attn_implementation", "bad_words_ids", "begin_suppress_tokens", "bos_token_id",
    "chunk_size_feed_forward", "cross_attention_hidden_size", "decoder_start_token_id",
    "directionality", "diversity_penalty", "do_sample", "dtype", "early_stopping",
    "encoder_no_repeat_ngram_size", "eos_token_id", "exponential_decay_length_penalty",
    "finetuning_task", "forced_bos_token_id", "forced_eos_token_id", "gradient_checkpointing",
    "is_composition", "language", "length_penalty", "max_length", "min_length", "name",
    "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences",
    "output_attentions", "output_hidden_states", "output_past", "output_scores", "pooler_fc_size",
    "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type",
    "prefix", "remove_invalid_values", "repetition_penalty", "return_dict",
    "return_dict_in_generate", "sbert_ce_default_activation_function", "sentence_transformers",
    "sep_token_id", "summary_activation", "summary_first_dropout", "summary_last_dropout",
    "summary_proj_to_labels", "summary_type", "summary_use_proj", "suppress_tokens",
    "task_specific_params", "temperature", "tf_legacy_loss", "tie_encoder_decoder",
    "tie_word_embeddings", "tokenizer_class", "top_k", "top_p", "torch_dtype", "torchscript",
    "transformers_version", "typical_p", "use_bfloat16", "use_cache", "use_flash_attn",
    "use_return_dict", "xla_device",
  ]
}
