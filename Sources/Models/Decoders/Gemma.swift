public import Diagnostics
import Tensors

/// Gemma (Gemma Team, 2024) with a score from the last token, bge-reranker-v2-gemma among them:
/// embeddings times √hidden, and norms whose weights are differences from 1.
public struct Gemma: DecoderFamily {
  /// The value of `model_type`.
  public static let modelTypes = ["gemma"]
  /// The family's name in messages.
  public static let name = "Gemma"
  /// Well-known models of the family.
  public static let examples = "bge-reranker-v2-gemma and the like"
  /// The prefix of `GemmaModel`, `GemmaForSequenceClassification` and others.
  public static let classPrefix = "Gemma"

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be a Gemma.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    decoder = try DecoderStack(gemma: keys, activationKey: "hidden_act")
    // The first files said 'gelu' for its approximation by tanh, which the weights were trained with.
    if decoder.activation == .gelu { decoder.activation = .geluTanh }
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    var members = decoder.members(of: "gemma")
    members["attention_bias"] = .flag(decoder.biases.projections)
    // transformers 4 read this key, and took its own activation without it.
    members["hidden_activation"] = members["hidden_act"]
    return ExportedFamily(
      members: members, className: "GemmaForSequenceClassification", llamaName: nil,
      servers: [.vLLM])
  }
}

extension DecoderStack {
  /// Reads the keys that all generations of Gemma have.
  init(gemma keys: ConfigurationKeys, activationKey: String, dividesWidth: Bool = false)
    throws(Failure)
  {
    var defaults = DecoderDefaults()
    (defaults.headWidth, defaults.activation, defaults.tiesEmbeddings) = (256, .geluTanh, true)
    (defaults.activationKey, defaults.dividesWidth) = (activationKey, dividesWidth)
    if activationKey == "hidden_activation" { defaults.base = 10_000 }
    try self.init(keys, defaults)
    let hasBiases = try keys.flag("attention_bias", default: false)
    (biases.projections, biases.output) = (hasBiases, hasBiases)
    (normShift, embeddingScale) = (1, Float(hiddenSize).squareRoot())
  }

  /// Reads the settings that came with Gemma 2: four norms a layer, the factor of attention scores,
  /// and bounds of scores and logits.
  mutating func readSecondGemma(_ keys: ConfigurationKeys, caps: (score: Double, logit: Double)?)
    throws(Failure)
  {
    hasOutputNorms = true
    let scalar = try keys.number("query_pre_attn_scalar", default: 256, in: 1e-6...1e9)
    scoreScale = Float(1 / scalar.squareRoot())
    func cap(_ key: String, _ standard: Double?) throws(Failure) -> Float? {
      // A null turns the bound off, where a missing key has the family's default.
      if keys[key] == .null { return keys.names.contains(key) ? nil : standard.map { Float($0) } }
      return Float(try keys.number(key, default: 0, in: 1e-3...1e9))
    }
    scoreCap = try cap("attn_logit_softcapping", caps?.score)
    logitCap = try cap("final_logit_softcapping", caps?.logit)
  }
}
