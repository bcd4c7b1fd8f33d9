package import Diagnostics
import JSON
import Tensors

/// Keys of rotary positions: `rope_theta` and `rope_scaling`, or `rope_parameters` of transformers
/// 5, which may have an object for each type of layers.
extension ConfigurationKeys {
  /// The rotary positions of the layers of one type.
  ///
  /// - Throws: `badData` with the key for a scaling that is unknown, incomplete or contradicted by
  ///   another key.
  package func rotary(
    _ kind: DecoderStack.LayerKind, base standard: Double, positions: Int
  ) throws(Failure) -> DecoderStack.Rotary {
    let range = 1.0...1e12
    var parameters = try section("rope_parameters")
    if DecoderStack.LayerKind.allCases.contains(where: { parameters[$0.rawValue] != .null }) {
      parameters = try parameters.section(kind.rawValue)
    }
    try checkWhole()
    try parameters.checkWhole()
    let old = try section("rope_scaling")
    let base = try number("rope_theta", default: standard, in: range)
    let found = try parameters.number("rope_theta", default: base, in: range)
    // Outside, the key is that of layers that attend to all tokens.
    guard kind == .sliding || found == base || self["rope_theta"] == .null else {
      throw parameters.refusal(
        "rope_theta", "rope_theta is \(found) here and \(base) outside rope_parameters",
        expected: "one of the two keys, or equal values",
        remedy: "remove the key that was not used in training")
    }
    let scaling = try parameters.rotaryScaling(positions: positions)
    guard !self["rope_scaling"].isEmpty else {
      try checkYaRN(found, scaling)
      return DecoderStack.Rotary(base: found, scaling: scaling)
    }
    let other = try old.rotaryScaling(positions: positions)
    guard scaling == other || scaling == .none else {
      throw refusal(
        "rope_scaling", "rope_scaling and rope_parameters contradict each other",
        expected: "one of the two keys, or equal values",
        remedy: "remove the key that was not used in training")
    }
    try checkYaRN(found, other)
    return DecoderStack.Rotary(base: found, scaling: other)
  }

  /// Rejects a base with which all columns rotate at one frequency, which YaRN divides by.
  private func checkYaRN(_ base: Double, _ scaling: RotaryScaling) throws(Failure) {
    guard case .yarn = scaling, base == 1 else { return }
    throw refusal(
      "rope_theta", "rope_theta is 1: with YaRN, columns need different frequencies",
      expected: "a number above 1, such as 10000",
      remedy: "use the config.json that belongs to the weights")
  }

  /// Rejects positions that rotate only some of a head's columns.
  private func checkWhole() throws(Failure) {
    let key = "partial_rotary_factor"
    let share = try number(key, default: 1.0)
    guard share == 1 else {
      throw refusal(
        key, "\(key) is \(share): only some columns of a head would be rotated", expected: "1")
    }
  }

  /// The scaling that an object describes, for a model with this many positions.
  private func rotaryScaling(positions: Int) throws(Failure) -> RotaryScaling {
    let key = self["rope_type"] == .null ? "type" : "rope_type"
    let type = try string(key, default: "default")
    func factor() throws(Failure) -> Double { try number("factor", default: nil, in: 1...1e6) }
    func original() throws(Failure) -> Int {
      try count("original_max_position_embeddings", default: positions)
    }
    switch type {
    case "default": return .none
    case "linear": return .linear(factor: try factor())
    case "dynamic": return .dynamic(factor: try factor())
    case "llama3":
      let low = try number("low_freq_factor", default: nil, in: 1e-6...1e6)
      let high = try number("high_freq_factor", default: nil, in: 1e-6...1e6)
      guard low < high else {
        throw refusal(
          "low_freq_factor", "low_freq_factor \(low) is not below high_freq_factor \(high)",
          expected: "a smaller number, such as 1 and 4")
      }
      return .llama3(
        factor: try factor(), lowFrequency: low, highFrequency: high, original: try original())
    case "yarn": return .yarn(try yarn(original: try original(), positions: positions))
    default:
      throw refusal(
        key, "the scaling of rotary positions is '\(type)'",
        expected: "default, linear, dynamic, llama3 or yarn",
        remedy: "use a model with one of these; without the scaling, its scores would be others")
    }
  }

  private func yarn(original: Int, positions: Int) throws(Failure) -> RotaryScaling.YaRN {
    let factor = try number(
      "factor", default: Double(positions) / Double(original), in: 1...1e6)
    var magnitude: Double?
    if self["attention_factor"] != .null {
      magnitude = try number("attention_factor", default: 1, in: 1e-6...1e6)
    } else {
      let part = try number("mscale", default: 0, in: 0...1e6)
      let all = try number("mscale_all_dim", default: 0, in: 0...1e6)
      if part > 0, all > 0 {
        magnitude =
          RotaryScaling.YaRN.magnitude(factor, part) / RotaryScaling.YaRN.magnitude(factor, all)
      }
    }
    return RotaryScaling.YaRN(
      factor: factor, original: original,
      fast: try number("beta_fast", default: 32, in: 1e-6...1e6),
      slow: try number("beta_slow", default: 1, in: 1e-6...1e6),
      isTruncated: try flag("truncate", default: true), magnitude: magnitude)
  }

  /// A number in a range; missing without a default.
  private func number(
    _ key: String, default fallback: Double?, in range: ClosedRange<Double>
  ) throws(Failure) -> Double {
    try number(key, default: try number(key, default: fallback), in: range)
  }
}

extension RotaryScaling {
  /// The members by which transformers reads the scaling; empty for none, and for one that no
  /// decoder has.
  var members: [String: JSONValue] {
    switch self {
    case .none, .ntk: return [:]
    case .linear(let factor): return ["rope_type": "linear", "factor": .number(factor)]
    case .dynamic(let factor): return ["rope_type": "dynamic", "factor": .number(factor)]
    case .llama3(let factor, let low, let high, let original):
      return [
        "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
        "high_freq_factor": .number(high), "original_max_position_embeddings": .whole(original),
      ]
    case .yarn(let yarn):
      return [
        "rope_type": "yarn", "factor": .number(yarn.factor),
        "original_max_position_embeddings": .whole(yarn.original),
        "beta_fast": .number(yarn.fast), "beta_slow": .number(yarn.slow),
        "truncate": .flag(yarn.isTruncated), "attention_factor": .number(yarn.magnitude),
      ]
    }
  }
}
