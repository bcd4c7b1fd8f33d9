public import Diagnostics
import Tensors

extension T5 {
  /// The maximum length of a sequence where a file does not say it: that of pretraining.
  private static let defaultPositions = 512

  /// Reads the `config.json` of a model that is known to be a T5.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    kind = Kind(rawValue: try keys.string("model_type", default: Kind.t5.rawValue)) ?? .t5
    vocabularySize = try keys.count("vocab_size", default: 32_128)
    hiddenSize = try keys.count("d_model", most: RowKernels.widestRow)
    layers = try keys.count("num_layers", most: 1000)
    heads = try keys.count("num_heads")
    headWidth = try keys.count("d_kv", default: 64, most: RowKernels.widestRow)
    innerSize = try keys.count("d_ff")
    (isGated, activation) = try Self.feedForward(keys, of: kind)
    buckets = try keys.count("relative_attention_num_buckets", default: 32, least: 4, most: 1 << 16)
    guard buckets % 2 == 0 else {
      throw keys.refusal(
        "relative_attention_num_buckets",
        "\(buckets) buckets cannot be divided between two directions", expected: "an even number")
    }
    maximumDistance = try keys.count(
      "relative_attention_max_distance", default: 128, least: buckets / 4 + 1, most: 1 << 20)
    maximumPositions = try keys.count("n_positions", default: Self.defaultPositions)
    dropout = try keys.rate("dropout_rate", default: 0.1)
    headDropout = try keys.rate("classifier_dropout", default: 0)
    normEpsilon = Float(try keys.number("layer_norm_epsilon", default: 1e-6, in: 0...1))
    initializerFactor = Float(try keys.number("initializer_factor", default: 1, in: 0...1000))
    paddingID = try keys.paddingID(default: 0, of: vocabularySize)
    start = try keys.count(
      "decoder_start_token_id", default: paddingID, least: 0, most: vocabularySize - 1)
    // transformers 5 writes that the layers are tied, and the factor apart from it.
    let isTied = try keys.flag("tie_word_embeddings", default: true)
    let scales = try keys.flag("scale_decoder_outputs", default: isTied)
    scalesLogits = kind != .mT5 && scales
    let isEncoder =
      try !keys.flag("is_encoder_decoder", default: true)
      || keys["architectures"].texts.contains { $0.hasSuffix("EncoderModel") }
    decoderLayers =
      isEncoder ? nil : try keys.count("num_decoder_layers", default: layers, most: 1000)
  }

  /// What `feed_forward_proj` says: an activation, or `gated-` and one. GELU with a gate is its
  /// approximation by tanh.
  private static func feedForward(
    _ keys: ConfigurationKeys, of kind: Kind
  ) throws(Failure) -> (isGated: Bool, Activation) {
    let key = "feed_forward_proj"
    let found = try keys.string(key, default: kind == .t5 ? "relu" : "gated-gelu")
    if found == "gated-gelu" { return (true, .geluTanh) }
    let parts = found.split(separator: "-", omittingEmptySubsequences: false)
    let isGated = parts.count == 2 && parts[0] == "gated"
    let name = String(parts.last ?? "")
    let known: [String: Activation] = [
      "relu": .relu, "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
      "silu": .silu, "swish": .silu,
    ]
    guard parts.count == 1 || isGated, let activation = known[name] else {
      throw keys.refusal(
        key, "\(key) is '\(found)'",
        expected: "one of \(known.keys.sorted().joined(separator: ", ")), perhaps after gated-",
        remedy: "use the config.json that belongs to the weights")
    }
    return (isGated, activation)
  }
}
