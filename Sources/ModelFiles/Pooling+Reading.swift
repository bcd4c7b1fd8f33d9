import Autodiff
import Diagnostics
import Models

extension SequencePooling {
  /// All pooling modes of sentence-transformers, with the keys of older files.
  private static let modes: [(name: String, key: String, pooling: SequencePooling?)] = [
    ("cls", "pooling_mode_cls_token", .first), ("max", "pooling_mode_max_tokens", .max),
    ("mean", "pooling_mode_mean_tokens", .mean),
    ("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens", nil),
    ("weightedmean", "pooling_mode_weightedmean_tokens", nil),
    ("lasttoken", "pooling_mode_lasttoken", .last),
  ]

  /// The mode in the keys of a pooling module; mean pooling if it names none.
  ///
  /// - Parameter hasLast: whether the last token may be the result, as in rerankers made of
  ///   decoders.
  /// - Throws: `badData` for an unsupported mode, several modes at once, or pooling that excludes
  ///   the prompt's tokens.
  init(_ keys: ConfigurationKeys, orLast hasLast: Bool = false) throws(Failure) {
    let file = keys.name
    let expected = hasLast ? "one of cls, max, mean and lasttoken" : "one of cls, max and mean"
    var named: [String] = []
    for mode in Self.modes where try keys.flag(mode.key, default: false) { named.append(mode.name) }
    if case .list(let modes) = keys["pooling_mode"] {
      named = modes.flatMap(\.texts)
    } else {
      let mode = try keys.string("pooling_mode", default: "")
      if !mode.isEmpty { named = [mode] }
    }
    guard named.count < 2 else {
      throw Failure(
        .badData, "the model combines several pooling modes: \(named.joined(separator: ", "))",
        at: Place(file), expected: expected)
    }
    let chosen = named.first ?? "mean"
    guard let pooling = Self.modes.first(where: { $0.name == chosen })?.pooling,
      pooling != .last || hasLast
    else {
      throw Failure(
        .badData, "unsupported pooling mode: \(chosen)", at: Place(file), expected: expected)
    }
    guard try keys.flag("include_prompt", default: true) else {
      throw Failure(
        .badData, "the model excludes the prompt from pooling",
        at: Place(file, key: "include_prompt"), expected: "true, or no such key")
    }
    self = pooling
  }
}
