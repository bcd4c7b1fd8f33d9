package import Diagnostics
package import Tensors

/// Keys of `config.json` with the same meaning in every encoder family.
///
/// Each key is read, known not to affect scores, rejected because it requests an unsupported
/// computation, or listed in a notice.
extension ConfigurationKeys {
  /// - Parameters:
  ///   - family: the name of the family in messages.
  ///   - knownCode: what the names of classes begin with that compute the family, where its files
  ///     name code of their own.
  /// - Throws: `badData` with the key if the file describes anything but an encoder with plain
  ///   weights that transformers, or the known code, implements.
  package func checkEncoder(of family: String, knownCode: String? = nil) throws(Failure) {
    if try flag("is_decoder", default: false) {
      throw refusal(
        "is_decoder", "is_decoder is true: a token would attend only to those before it",
        expected: "false",
        remedy: "use an encoder; if these weights were trained with attention in both directions,"
          + " set is_decoder to false")
    }
    try checkStack(of: family, knownCode: knownCode)
  }

  /// - Parameters:
  ///   - family: the name of the family in messages.
  ///   - knownCode: what the names of classes begin with that compute the family, where its files
  ///     name code of their own.
  /// - Throws: `badData` with the key if the file describes anything but one stack of layers with
  ///   plain weights.
  package func checkStack(of family: String, knownCode: String? = nil) throws(Failure) {
    for key in ["add_cross_attention", "is_encoder_decoder"] where try flag(key, default: false) {
      throw refusal(
        key, "\(key) is true: the layers would attend to a second encoder", expected: "false",
        remedy: "use a model that is an encoder alone")
    }
    try checkWeights(of: family, knownCode: knownCode)
  }

  /// - Throws: `badData` with the key if the file describes weights that are not plain, or layers
  ///   that no family has.
  func checkWeights(of family: String, knownCode: String? = nil) throws(Failure) {
    if !self["pruned_heads"].isEmpty {
      throw refusal(
        "pruned_heads", "some attention heads have been pruned", expected: "{}",
        remedy: "use the model from before pruning")
    }
    if !self["quantization_config"].isEmpty {
      throw refusal(
        "quantization_config", "the weights are quantised", expected: "F32, F16, BF16 or F64",
        remedy: "use the unquantised model, or save it after dequantize() of transformers")
    }
    try checkCode(of: family, known: knownCode)
    let files = ["model.safetensors", "model.safetensors.index.json"]
    if !self["transformers_weights"].isEmpty,
      !files.contains(try string("transformers_weights", default: ""))
    {
      throw refusal(
        "transformers_weights", "the weights are in a non-standard file",
        expected: "no such key, and the weights in model.safetensors",
        remedy: "rename the file to model.safetensors, and remove the key")
    }
  }

  /// Rejects custom model code, whose computation is unknown. A tokenizer's code does not count:
  /// this program reads the tokenizer's files itself.
  private func checkCode(of family: String, known: String?) throws(Failure) {
    guard case .object(let classes) = self["auto_map"] else { return }
    let models = classes.filter { $0.key.hasPrefix("AutoModel") || $0.key == "AutoConfig" }
    let names = models.sorted { $0.key < $1.key }.flatMap(\.value.texts).filter { name in
      // `owner/repository--file.Class`, or without the repository.
      let type = name.split(separator: ".").last ?? ""
      return known.map { !type.hasPrefix($0) } ?? true
    }
    guard !names.isEmpty else { return }
    throw refusal(
      "auto_map",
      "the model uses custom code: \(names.map { "'\($0)'" }.joined(separator: ", "))",
      expected: "a model that transformers implements as \(family)",
      remedy: "use another model; if its weights are a plain \(family)'s, remove auto_map")
  }

  /// The failure for a key that requests an unsupported computation.
  package func refusal(
    _ key: String, _ problem: String, expected: String, remedy: String? = nil
  ) -> Failure {
    Failure(.badData, problem, at: place(of: key), expected: expected, remedy: remedy)
  }

  /// Checks that the attention heads divide a width evenly.
  ///
  /// - Throws: `badData` with the key of the heads if they do not.
  package func checkHeads(_ heads: Int, divide width: Int, _ widthKey: String, _ headsKey: String)
    throws(Failure)
  {
    guard width % heads == 0 else {
      throw Failure(
        .badData, "\(widthKey) \(width) is not a multiple of \(heads) attention heads",
        at: place(of: headsKey), expected: "a divisor of \(width)")
    }
  }

  /// The values of `layer_types`; nil where the key is missing.
  ///
  /// - Throws: `badData` if they are not as many of the kinds that are known as there are layers.
  package func layerTypes<Kind: RawRepresentable<String> & CaseIterable>(
    _ layers: Int, as _: Kind.Type
  ) throws(Failure) -> [Kind]? {
    let key = "layer_types"
    guard self[key] != .null else { return nil }
    let known = Kind.allCases.map(\.rawValue).joined(separator: " and ")
    guard case .list(let list) = self[key] else {
      throw mistyped(key, self[key], "a list of \(known)")
    }
    var kinds: [Kind] = []
    for value in list {
      guard case .text(let text) = value, let kind = Kind(rawValue: text) else {
        throw refusal(
          key, "the type of a layer is \(value.found)", expected: "a list of \(known)")
      }
      kinds.append(kind)
    }
    guard kinds.count == layers else {
      throw refusal(
        key, "layer_types has \(kinds.count) elements",
        expected: "\(layers), the value of num_hidden_layers")
    }
    return kinds
  }

  /// A notice about keys that no version of the family has, which a user may expect to have an
  /// effect; nil without such keys. transformers ignores them too.
  ///
  /// - Parameter read: the family's own keys, in addition to those of every encoder.
  package func notice(of family: String, reading read: Set<String>) -> String? {
    let unknown = names.filter {
      !read.contains($0) && !Self.general.contains($0) && !Self.harmless.contains($0)
        && !self[$0].isEmpty
    }
    guard !unknown.isEmpty else { return nil }
    let model = Architectures.withArticle(family)
    return "keys of config.json without effect on \(model): \(unknown.joined(separator: ", "))"
  }

  private static let general: Set<String> = [
    "model_type", "is_decoder", "add_cross_attention", "is_encoder_decoder", "pruned_heads",
    "quantization_config", "auto_map", "transformers_weights", "vocab_size",
    "max_position_embeddings", "initializer_range", "pad_token_id", "num_labels", "id2label",
    "label2id", "problem_type", "architectures", "layer_types",
  ]

  /// Keys about a file's origin, its storage, training or generation, and settings of heads that
  /// are read from the weights: none changes the encoder's computation.
  private static let harmless: Set<String> = [
    "_name_or_path", "_commit_hash", "_attn_implementation", "_attn_implementation_autoset",
    "_num_labels", "attn_implementation", "bad_words_ids", "begin_suppress_tokens", "bos_token_id",
    "chunk_size_feed_forward", "cls_token_id", "cross_attention_hidden_size",
    "decoder_start_token_id", "diversity_penalty", "do_sample", "dtype", "early_stopping",
    "encoder_no_repeat_ngram_size", "eos_token_id", "exponential_decay_length_penalty",
    "finetuning_task", "forced_bos_token_id", "forced_eos_token_id", "gradient_checkpointing",
    "is_composition", "language", "length_penalty", "max_length", "min_length", "name",
    "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences",
    "output_attentions", "output_hidden_states", "output_past", "output_scores", "prefix",
    "remove_invalid_values", "repetition_penalty", "return_dict", "return_dict_in_generate",
    "sbert_ce_default_activation_function", "sentence_transformers", "sep_token_id",
    "summary_activation", "summary_first_dropout", "summary_last_dropout", "summary_proj_to_labels",
    "summary_type", "summary_use_proj", "suppress_tokens", "task_specific_params", "temperature",
    "tf_legacy_loss", "tie_encoder_decoder", "tie_word_embeddings", "tokenizer_class", "top_k",
    "top_p", "torch_dtype", "torchscript", "transformers_version", "typical_p", "use_bfloat16",
    "use_cache", "use_flash_attn", "use_return_dict", "xla_device",
  ]
}

extension ConfigurationKeys {
  /// The activation by its name in transformers; GELU if the key is missing.
  ///
  /// - Parameter hasSiLU: whether SiLU, the activation of many gated layers, is allowed.
  /// - Throws: `badData` for an unknown name.
  package func activation(
    _ key: String, orSiLU hasSiLU: Bool = false
  ) throws(Failure) -> Activation {
    let found = try string(key, default: "gelu")
    let known = hasSiLU ? Self.activations.merging(Self.silu) { own, _ in own } : Self.activations
    guard let activation = known[found] else {
      throw refusal(
        key, "\(key) is '\(found)'",
        expected: "one of \(known.keys.sorted().joined(separator: ", "))")
    }
    return activation
  }

  /// Activations by their names in transformers. Names in one row denote the same function,
  /// computed in different ways.
  private static let activations: [String: Activation] = [
    "gelu": .gelu, "gelu_python": .gelu,
    "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_python_tanh": .geluTanh,
    "gelu_fast": .geluTanh, "gelu_accurate": .geluTanh,
    "relu": .relu,
  ]

  private static let silu: [String: Activation] = ["silu": .silu, "swish": .silu]
}

extension Activation {
  /// The name in exported files. Of the names of GELU by tanh, this is the one that
  /// text-embeddings-inference supports.
  package var exportedName: String { self == .geluTanh ? "gelu_pytorch_tanh" : rawValue }
}
