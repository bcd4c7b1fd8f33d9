public import Diagnostics
import JSON

/// Qwen2 and Qwen2.5 (Yang et al., 2024) with a score from the last token, mxbai-rerank-v2 among
/// them: biases of queries, keys and values.
public struct Qwen2: DecoderFamily {
  /// The value of `model_type`.
  public static let modelTypes = ["qwen2"]
  /// The family's name in messages.
  public static let name = "Qwen2"
  /// Well-known models of the family.
  public static let examples = "mxbai-rerank-v2, Qwen2.5 and the like"
  /// The prefix of `Qwen2Model`, `Qwen2ForSequenceClassification` and others.
  public static let classPrefix = "Qwen2"
  package static let hasWindows = true

  /// The layers.
  public var decoder: DecoderStack

  /// Reads the `config.json` of a model that is known to be a Qwen2.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    decoder = try DecoderStack(keys, DecoderDefaults())
    decoder.biases.projections = true
    try decoder.readQwenWindows(keys)
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    ExportedFamily(
      members: decoder.members(of: "qwen2").merging(decoder.qwenWindows) { $1 },
      className: "Qwen2ForSequenceClassification", llamaName: nil, servers: [.vLLM])
  }
}

extension DecoderStack {
  /// Reads which layers of a Qwen have windows: those from `max_window_layers` on, if
  /// `use_sliding_window` is true.
  ///
  /// - Throws: `badData` if `layer_types` asks for windows that `use_sliding_window` turns off.
  mutating func readQwenWindows(_ keys: ConfigurationKeys) throws(Failure) {
    let isOn =
      try keys.flag("use_sliding_window", default: false) && keys["sliding_window"] != .null
    let first = try keys.count("max_window_layers", default: 28, least: 0)
    try readLayerKinds(keys) { isOn && $0 >= first ? .sliding : .full }
    guard isOn || !layerKinds.contains(.sliding) else {
      throw keys.refusal(
        "layer_types",
        "layer_types has windows, but use_sliding_window is false or"
          + " sliding_window is missing", expected: "use_sliding_window true and sliding_window",
        remedy: "use the config.json that belongs to the weights")
    }
  }

  /// The keys of a Qwen's windows.
  var qwenWindows: [String: JSONValue] {
    let hasWindows = layerKinds.contains(.sliding)
    return [
      "use_sliding_window": .flag(hasWindows),
      "sliding_window": hasWindows ? .whole(window) : .null,
      "max_window_layers": .whole(layerKinds.firstIndex(of: .sliding) ?? layerKinds.count),
      "layer_types": layerTypes,
    ]
  }
}
