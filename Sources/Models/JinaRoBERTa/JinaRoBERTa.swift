public import Diagnostics

/// XLM-RoBERTa as Jina's own implementation stores it, with a classifier of one label
/// (https://huggingface.co/jinaai/jina-reranker-v2-base-multilingual).
///
/// The computation is that of `RoBERTa`. The files have no `model_type`, other names of tensors, and
/// queries, keys and values in one of them; the parameters here have the names of transformers, so
/// that exports and checkpoints are those of a plain XLM-RoBERTa.
public struct JinaRoBERTa: Architecture, Equatable {
  /// None: the files are known by the code that they name.
  public static let modelTypes: [String] = []
  /// The family's name in messages.
  public static let name = "Jina XLM-RoBERTa"
  /// Well-known models of the family.
  public static let examples = "jina-reranker-v2-base-multilingual"
  /// The prefix of `XLMRobertaModel`, `XLMRobertaForSequenceClassification` and others.
  public static let classPrefix = "XLMRoberta"

  /// The same model in the form of transformers.
  public var plain: RoBERTa

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) { plain.replaceDropout(by: rate) }

  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers: [Int]) { plain.keep(layers: layers) }
}

extension JinaRoBERTa {
  /// Reads the `config.json` of a model that is known to be one of the family.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    plain = try RoBERTa(.xlmRoberta, keys)
  }

  /// Whether a `config.json` without `model_type` names Jina's code, or, without any code, the class
  /// and the key that only its implementation has.
  public static func isNamed(in keys: ConfigurationKeys) -> Bool {
    let code = keys["auto_map"].texts
    guard code.isEmpty else { return code.contains { $0.hasSuffix(".XLMRobertaFlashConfig") } }
    let classes = keys["architectures"].texts
    return keys["use_flash_attn"] != .null && !classes.isEmpty
      && classes.allSatisfy { $0.hasPrefix(classPrefix) }
  }

  /// - Throws: `badData` with the key that requires another computation.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try BERT.check(keys, of: name, knownCode: classPrefix)
    let adapted = keys["lora_adaptations"]
    guard adapted.isEmpty else {
      throw keys.refusal(
        "lora_adaptations",
        "the weights have adapters for \(adapted.texts.joined(separator: ", "))",
        expected: "null", remedy: "use a model without adapters")
    }
    // The implementation computes GELU for every other name.
    let known = ["gelu", "gelu_python", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"]
    let activation = try keys.string("hidden_act", default: known[0])
    guard known.contains(activation) else {
      throw keys.refusal(
        "hidden_act", "hidden_act is '\(activation)', which Jina's code computes as gelu",
        expected: "one of \(known.joined(separator: ", "))")
    }
  }

  /// A notice about keys that no version of the family has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    BERT.notice(keys, of: name, reading: ownKeys)
  }

  /// Keys of Jina's implementation: of adapters, of embeddings, and of how it computes.
  static let ownKeys: Set<String> = [
    "use_flash_attn", "use_reentrant", "load_trained_adapters", "lora_adaptations", "lora_alpha",
    "lora_dropout_p", "lora_main_params_trainable", "lora_rank", "emb_pooler",
    "matryoshka_dimensions", "truncate_dim", "fused_bias_fc", "fused_mlp", "fused_dropout_add_ln",
    "mlp_checkpoint_lvl",
  ]
}
