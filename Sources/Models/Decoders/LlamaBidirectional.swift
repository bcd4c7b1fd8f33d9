public import Diagnostics

/// Llama with attention in both directions and a score from the mean of all tokens, as
/// llama-nemotron-rerank has it. transformers has no such class: the models bring its code.
public struct LlamaBidirectional: DecoderFamily {
  /// The value of `model_type`.
  public static let modelTypes = ["llama_bidirec"]
  /// The family's name in messages.
  public static let name = "bidirectional Llama"
  /// Well-known models of the family.
  public static let examples = "llama-nemotron-rerank and the like"
  /// The prefix of `LlamaBidirectionalForSequenceClassification` and others.
  public static let classPrefix = "LlamaBidirectional"

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be one.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    decoder = try DecoderStack(llama: keys)
    (decoder.isCausal, decoder.pooling) = (false, .mean)
  }

  /// - Throws: `badData` with the key that requires another computation.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try keys.checkDecoder(of: name, windows: false, knownCode: "LlamaBidirectional")
    let pooling = try keys.string("pooling", default: "avg")
    guard pooling == "avg" else {
      throw keys.mistyped("pooling", .text(pooling), "avg, the mean of all tokens")
    }
    let temperature = try keys.number("temperature", default: 1.0)
    guard temperature == 1 else {
      throw keys.refusal(
        "temperature", "scores are divided by \(temperature)", expected: "1",
        remedy: "divide score.weight by it, and set the key to 1")
    }
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    var members = decoder.llamaMembers(of: "llama_bidirec")
    members["pooling"] = "avg"
    members["temperature"] = 1.0
    return ExportedFamily(
      members: members, className: "LlamaBidirectionalForSequenceClassification",
      llamaName: nil, servers: [.vLLM])
  }
}
