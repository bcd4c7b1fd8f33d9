public import Diagnostics
import JSON

/// Gemma 2 (Gemma Team, 2024) with a score from the last token: norms in front of and behind every
/// sublayer, windows in every other layer, and bounded attention scores.
public struct Gemma2: DecoderFamily {
  /// The value of `model_type`.
  public static let modelTypes = ["gemma2"]
  /// The family's name in messages.
  public static let name = "Gemma 2"
  /// Well-known models of the family.
  public static let examples = "Gemma 2 and what is trained from it"
  /// The prefix of `Gemma2Model`, `Gemma2ForSequenceClassification` and others.
  public static let classPrefix = "Gemma2"
  package static let hasWindows = true

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be a Gemma 2.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    decoder = try DecoderStack(gemma: keys, activationKey: "hidden_activation", dividesWidth: true)
    try decoder.readSecondGemma(keys, caps: (50, 30))
    try decoder.readLayerKinds(keys) { $0 % 2 == 0 ? .sliding : .full }
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    ExportedFamily(
      members: decoder.secondGemmaMembers(of: "gemma2"),
      className: "Gemma2ForSequenceClassification", llamaName: nil, servers: [.vLLM])
  }
}

extension DecoderStack {
  /// The keys that Gemma 2 and 3 have.
  func secondGemmaMembers(of type: String) -> [String: JSONValue] {
    let scale = Double(scoreScale ?? 1)
    let scalar = 1 / (scale * scale)
    func cap(_ value: Float?) -> JSONValue { value.map { .decimal($0) } ?? .null }
    return members(of: type, activationKey: "hidden_activation").merging([
      "attention_bias": .flag(biases.projections),
      // A number that came from an integer is one again: its square root was rounded.
      "query_pre_attn_scalar": abs(scalar - scalar.rounded()) < 1e-3 * scalar
        ? .whole(Int(scalar.rounded())) : .number(scalar),
      "attn_logit_softcapping": cap(scoreCap),
      "final_logit_softcapping": cap(logitCap),
      "sliding_window": layerKinds.contains(.sliding) ? .whole(window) : .whole(4096),
      "layer_types": layerTypes,
    ]) { $1 }
  }
}
