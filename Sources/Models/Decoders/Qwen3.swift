public import Diagnostics

/// Qwen3 (Yang et al., 2025) with a score from the last token, Qwen3-Reranker among them: norms of
/// the queries and keys of every head.
public struct Qwen3: DecoderFamily {
  /// The value of `model_type`.
  public static let modelTypes = ["qwen3"]
  /// The family's name in messages.
  public static let name = "Qwen3"
  /// Well-known models of the family.
  public static let examples = "Qwen3-Reranker and the like"
  /// The prefix of `Qwen3Model`, `Qwen3ForSequenceClassification` and others.
  public static let classPrefix = "Qwen3"
  package static let hasWindows = true

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be a Qwen3.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    var defaults = DecoderDefaults()
    defaults.headWidth = 128
    decoder = try DecoderStack(keys, defaults)
    let hasBiases = try keys.flag("attention_bias", default: false)
    (decoder.biases.projections, decoder.biases.output) = (hasBiases, hasBiases)
    decoder.hasHeadNorms = true
    try decoder.readQwenWindows(keys)
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    var members = decoder.members(of: "qwen3").merging(decoder.qwenWindows) { $1 }
    members["attention_bias"] = .flag(decoder.biases.projections)
    return ExportedFamily(
      members: members, className: "Qwen3ForSequenceClassification", llamaName: "qwen3",
      servers: [.vLLM])
  }
}
