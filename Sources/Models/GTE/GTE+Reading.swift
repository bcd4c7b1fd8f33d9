public import Diagnostics
import Tensors

extension GTE {
  /// Reads the `config.json` of a model that is known to be a GTE.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    vocabularySize = try keys.count("vocab_size", default: 30528)
    hiddenSize = try keys.count("hidden_size", default: 768, most: RowKernels.widestRow)
    layers = try keys.count("num_hidden_layers", default: 12, most: 1000)
    heads = try keys.count("num_attention_heads", default: 12)
    try keys.checkHeads(heads, divide: hiddenSize, "hidden_size", "num_attention_heads")
    innerSize = try keys.count("intermediate_size", default: 3072)
    maximumPositions = try keys.count("max_position_embeddings", default: 2048)
    tokenTypes = try keys.count("type_vocab_size", default: 1, least: 0)
    positions = try Self.positions(keys, headWidth: hiddenSize / heads)
    lengthScaling = try Self.lengthScaling(keys, maximumPositions)
    joinsProjections = try keys.flag("pack_qkv", default: true)
    normKind = try Self.normKind(keys)
    activation = try keys.activation("hidden_act", orSiLU: true)
    hiddenDropout = try keys.rate("hidden_dropout_prob", default: 0.1)
    attentionDropout = try keys.rate("attention_probs_dropout_prob", default: 0)
    classifierDropout = try keys.rate("classifier_dropout", default: hiddenDropout)
    normEpsilon = Float(try keys.number("layer_norm_eps", default: 1e-12, in: 0...1))
    initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    paddingID = try keys.paddingID(default: 0, of: vocabularySize)
  }

  private static func positions(
    _ keys: ConfigurationKeys, headWidth: Int
  ) throws(Failure) -> Positions {
    guard try keys.string("position_embedding_type", default: "rope") == "rope" else {
      return .table
    }
    guard headWidth % 2 == 0 else {
      throw keys.refusal(
        "num_attention_heads",
        "the head width, \(headWidth), is odd: rotary positions need pairs of columns",
        expected: "an even head width")
    }
    let base = try keys.number("rope_theta", default: 10_000, in: 1...1e12)
    return .rotary(base: base, scaling: try scaling(keys))
  }

  /// The scaling of rotary positions. The published code leaves the frequencies as they are if the
  /// factor is 1.
  private static func scaling(_ keys: ConfigurationKeys) throws(Failure) -> RotaryScaling {
    guard !keys["rope_scaling"].isEmpty else { return .none }
    let section = try keys.section("rope_scaling")
    guard section["factor"] != .null else {
      throw section.refusal(
        "factor", "rope_scaling has no factor", expected: "a number from 1 to 1000000")
    }
    let factor = try section.number("factor", default: 1, in: 1...1e6)
    guard factor > 1 else { return .none }
    let mix =
      section["mixed_b"] == .null
      ? nil : try section.number("mixed_b", default: 1, in: 0.001...1000)
    return .ntk(factor: factor, mix: mix)
  }

  private static func lengthScaling(
    _ keys: ConfigurationKeys, _ length: Int
  ) throws(Failure) -> LengthScaling? {
    let isCapped = try keys.flag("logn_attention_clip1", default: false)
    guard try keys.flag("logn_attention_scale", default: false) else { return nil }
    guard length > 1 else {
      throw keys.refusal(
        "logn_attention_scale", "scores are scaled by the logarithm to the base \(length)",
        expected: "max_position_embeddings above 1")
    }
    return LengthScaling(length: length, isCapped: isCapped)
  }

  private static func normKind(_ keys: ConfigurationKeys) throws(Failure) -> NormKind {
    switch try keys.string("layer_norm_type", default: "layer_norm") {
    case "layer_norm": return .layer
    case "rms_norm": return .rms
    case let other:
      throw keys.refusal(
        "layer_norm_type", "layer_norm_type is '\(other)'", expected: "layer_norm or rms_norm")
    }
  }
}
