public import Diagnostics
import JSON

/// Gemma 3's text model (Gemma Team, 2025) with a score from the last token: norms of the queries
/// and keys of every head, and positions of their own in the layers with windows.
public struct Gemma3: DecoderFamily {
  /// The value of `model_type`; `gemma3` alone is the model that also reads images.
  public static let modelTypes = ["gemma3_text"]
  /// The family's name in messages.
  public static let name = "Gemma 3"
  /// Well-known models of the family.
  public static let examples = "Gemma 3's text models and what is trained from them"
  /// The prefix of `Gemma3TextModel`, `Gemma3TextForSequenceClassification` and others.
  public static let classPrefix = "Gemma3Text"
  package static let hasWindows = true

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be a Gemma 3.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    decoder = try DecoderStack(gemma: keys, activationKey: "hidden_activation", dividesWidth: true)
    try decoder.readSecondGemma(keys, caps: nil)
    decoder.hasHeadNorms = true
    let period = try keys.count(
      keys["sliding_window_pattern"] == .null
        ? "_sliding_window_pattern" : "sliding_window_pattern", default: 6)
    try decoder.readLayerKinds(keys) { ($0 + 1) % period == 0 ? .full : .sliding }
    decoder.rotary = try keys.rotary(
      .full, base: 1_000_000, positions: decoder.maximumPositions)
    decoder.slidingRotary = try Self.slidingRotary(keys)
  }

  /// The positions of layers with windows: their base is a key of its own, and they are not scaled.
  private static func slidingRotary(_ keys: ConfigurationKeys) throws(Failure)
    -> DecoderStack.Rotary
  {
    let range = 1.0...1e12
    let old = try keys.number("rope_local_base_freq", default: 10_000, in: range)
    let section = try keys.section("rope_parameters").section(
      DecoderStack.LayerKind.sliding.rawValue)
    let base = try section.number("rope_theta", default: old, in: range)
    guard base == old || keys["rope_local_base_freq"] == .null else {
      throw section.refusal(
        "rope_theta", "rope_theta is \(base), but rope_local_base_freq is \(old)",
        expected: "one of the two keys, or equal values",
        remedy: "remove the key that was not used in training")
    }
    let type = try section.string("rope_type", default: "default")
    guard type == "default" else {
      throw section.mistyped("rope_type", .text(type), "default")
    }
    return DecoderStack.Rotary(base: base)
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    var members = decoder.secondGemmaMembers(of: "gemma3_text")
    members["rope_local_base_freq"] = .number(decoder.slidingRotary.base)
    members["rope_parameters"] = [
      "full_attention": .object(DecoderStack.members(of: decoder.rotary)),
      "sliding_attention": .object(DecoderStack.members(of: decoder.slidingRotary)),
    ]
    return ExportedFamily(
      members: members, className: "Gemma3TextForSequenceClassification", llamaName: nil,
      servers: [.vLLM])
  }
}
