public import Diagnostics
import JSON

/// Llama (Touvron et al., 2023; Grattafiori et al., 2024) with a score from the last token.
public struct Llama: DecoderFamily {
  /// The value of `model_type`.
  public static let modelTypes = ["llama"]
  /// The family's name in messages.
  public static let name = "Llama"
  /// Well-known models of the family.
  public static let examples = "Llama 3, SmolLM2, RankLLaMA and the like"
  /// The prefix of `LlamaModel`, `LlamaForSequenceClassification` and others.
  public static let classPrefix = "Llama"

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be a Llama.
  public init(_ keys: ConfigurationKeys) throws(Failure) { decoder = try DecoderStack(llama: keys) }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    ExportedFamily(
      members: decoder.llamaMembers(of: "llama"), className: "LlamaForSequenceClassification",
      llamaName: nil, servers: [.vLLM])
  }
}

extension DecoderStack {
  /// Reads the keys of a Llama.
  init(llama keys: ConfigurationKeys) throws(Failure) {
    var defaults = DecoderDefaults()
    defaults.dividesWidth = true
    try self.init(keys, defaults)
    let hasBiases = try keys.flag("attention_bias", default: false)
    (biases.projections, biases.output) = (hasBiases, hasBiases)
    biases.feedForward = try keys.flag("mlp_bias", default: false)
  }

  func llamaMembers(of type: String) -> [String: JSONValue] {
    members(of: type).merging([
      "attention_bias": .flag(biases.projections), "mlp_bias": .flag(biases.feedForward),
    ]) { $1 }
  }
}
