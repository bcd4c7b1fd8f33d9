public import Diagnostics
import Tensors

extension ModernBERT {
  /// Reads the `config.json` of a model that is known to be a ModernBERT. transformers 5 renamed the
  /// keys of attention patterns and rotations; files contain the old ones, the new ones or both.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    let hiddenSize = try keys.count("hidden_size", most: RowKernels.widestRow)
    let heads = try keys.count("num_attention_heads")
    try keys.checkHeads(heads, divide: hiddenSize, "hidden_size", "num_attention_heads")
    guard hiddenSize / heads % 2 == 0 else {
      throw keys.refusal(
        "num_attention_heads",
        "the head width, \(hiddenSize) / \(heads), is odd: rotary positions need pairs of columns",
        expected: "an even head width")
    }
    let pooling = try keys.string("classifier_pooling", default: "cls")
    guard ["cls", "mean"].contains(pooling) else {
      throw keys.mistyped("classifier_pooling", .text(pooling), "cls or mean")
    }
    let vocabularySize = try keys.count("vocab_size")
    self.init(
      vocabularySize: vocabularySize, hiddenSize: hiddenSize,
      layerKinds: try Self.layerKinds(keys), heads: heads,
      innerSize: try keys.count("intermediate_size"),
      maximumPositions: try keys.count("max_position_embeddings"),
      window: try keys.count("local_attention", default: 128),
      globalBase: try Self.base(of: .global, keys), localBase: try Self.base(of: .local, keys),
      activation: try keys.activation("hidden_activation", orSiLU: true),
      headActivation: try keys.activation("classifier_activation", orSiLU: true),
      poolsMean: pooling == "mean",
      normEpsilon: Float(try keys.number("norm_eps", default: 1e-5, in: 0...1)),
      initializerRange: Float(try keys.number("initializer_range", default: 0.02, in: 0...100)),
      paddingID: try keys.paddingID(default: 50283, of: vocabularySize))
    initializerCutoff = Float(
      try keys.number("initializer_cutoff_factor", default: 2, in: 0...100))
    biases = Biases(
      attention: try keys.flag("attention_bias", default: false),
      feedForward: try keys.flag("mlp_bias", default: false),
      norms: try keys.flag("norm_bias", default: false),
      head: try keys.flag("classifier_bias", default: false))
    dropout = Dropout(
      embeddings: try keys.rate("embedding_dropout", default: 0),
      attention: try keys.rate("attention_dropout", default: 0),
      feedForward: try keys.rate("mlp_dropout", default: 0),
      classifier: try keys.rate("classifier_dropout", default: 0))
  }

  /// The attention pattern of each layer: from a list, or from the period of global layers.
  private static func layerKinds(_ keys: ConfigurationKeys) throws(Failure) -> [LayerKind] {
    let layers = try keys.count("num_hidden_layers", most: 1000)
    let period = try keys.count("global_attn_every_n_layers", default: 3)
    let periodic = (0..<layers).map { $0 % period == 0 ? LayerKind.global : .local }
    guard let kinds = try keys.layerTypes(layers, as: LayerKind.self) else { return periodic }
    // Each version of transformers reads one of the keys.
    guard keys["global_attn_every_n_layers"] == .null || kinds == periodic else {
      throw keys.refusal(
        "layer_types", "layer_types and global_attn_every_n_layers \(period) contradict each other",
        expected: "one of the two keys",
        remedy: "remove the key that was not used in training")
    }
    return kinds
  }

  /// The base of the rotations in layers with one attention pattern.
  private static func base(
    of kind: LayerKind, _ keys: ConfigurationKeys
  ) throws(Failure) -> Double {
    let range = 1.0...1e12
    let (oldKey, standard) =
      kind == .global ? ("global_rope_theta", 160_000.0) : ("local_rope_theta", 10_000.0)
    let section = try keys.section("rope_parameters").section(kind.rawValue)
    let isOld = keys[oldKey] != .null
    var old = try keys.number(oldKey, default: standard, in: range)
    // In old files null means that local layers have the base of global ones.
    if !isOld, kind == .local, keys.names.contains(oldKey) { old = try base(of: .global, keys) }
    let base = try section.number("rope_theta", default: old, in: range)
    guard !isOld || base == old else {
      throw section.refusal(
        "rope_theta", "rope_theta is \(base), but \(oldKey) is \(old)",
        expected: "one of the two keys, or equal values",
        remedy: "remove the key that was not used in training")
    }
    return base
  }
}
