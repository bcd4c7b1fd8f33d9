public import Diagnostics
import Tensors

extension DeBERTa {
  /// Reads the `config.json` of a model that is known to be a DeBERTa.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    vocabularySize = try keys.count("vocab_size")
    hiddenSize = try keys.count("hidden_size", most: RowKernels.widestRow)
    embeddingSize = try keys.count(
      "embedding_size", default: hiddenSize, most: RowKernels.widestRow)
    layers = try keys.count("num_hidden_layers", most: 1000)
    heads = try keys.count("num_attention_heads")
    try keys.checkHeads(heads, divide: hiddenSize, "hidden_size", "num_attention_heads")
    innerSize = try keys.count("intermediate_size")
    maximumPositions = try keys.count("max_position_embeddings", default: 512)
    hasPositions = try keys.flag("position_biased_input", default: true)
    tokenTypes = try keys.count("type_vocab_size", default: 0, least: 0)
    relative = try Self.relative(keys, positions: maximumPositions)
    activation = try keys.activation("hidden_act")
    poolerActivation = try Self.activation(keys, "pooler_hidden_act", default: "gelu")
    convolutionWidth = try keys.count("conv_kernel_size", default: 0, least: 0, most: 99)
    convolutionActivation = try Self.activation(keys, "conv_act", default: "tanh")
    hiddenDropout = try keys.rate("hidden_dropout_prob", default: 0.1)
    attentionDropout = try keys.rate("attention_probs_dropout_prob", default: 0.1)
    dropsPooled = try keys.rate("pooler_dropout", default: 0) > 0
    classifierDropout = try keys.rate("cls_dropout", default: hiddenDropout)
    layerNormEpsilon = Float(try keys.number("layer_norm_eps", default: 1e-7, in: 0...1))
    initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    paddingID = try keys.paddingID(default: 0, of: vocabularySize)
    let width = hiddenSize
    for (key, right) in [("pooler_hidden_size", width), ("attention_head_size", width / heads)] {
      let found = try keys.count(key, default: right)
      guard found == right else {
        throw keys.refusal(
          key, "\(key) is \(found), but hidden_size \(width) and \(heads) heads need \(right)",
          expected: "\(right), or no such key",
          remedy: "use a model that DebertaV2ForSequenceClassification of transformers loads")
      }
    }
  }

  private static func activation(
    _ keys: ConfigurationKeys, _ key: String, default fallback: String
  ) throws(Failure) -> PoolerActivation {
    try keys.string(key, default: fallback) == "tanh" ? .tanh : .activation(keys.activation(key))
  }

  /// The parts of `pos_att_type`: a list, or a text with bars between them.
  private static func positionTerms(_ keys: ConfigurationKeys) throws(Failure) -> Set<String> {
    let key = "pos_att_type"
    var parts = keys[key].texts
    if case .text(let text) = keys[key] {
      parts = text.lowercased().split(separator: "|").map { $0.filter { !$0.isWhitespace } }
    }
    let terms = Set(parts.filter { !$0.isEmpty && $0 != "none" })
    if let unknown = terms.subtracting(["c2p", "p2c"]).sorted().first {
      throw keys.refusal(
        key, "\(key) contains '\(unknown)'", expected: "c2p, p2c, both or none",
        remedy: "use a model of the second or third version of DeBERTa")
    }
    return terms
  }

  /// The relative positions; nil if scores have no products with them.
  private static func relative(
    _ keys: ConfigurationKeys, positions: Int
  ) throws(Failure) -> Relative? {
    let terms = try positionTerms(keys)
    guard try keys.flag("relative_attention", default: false) else {
      guard terms.isEmpty else {
        throw keys.refusal(
          "relative_attention",
          "relative_attention is false, but pos_att_type asks for products with positions",
          expected: "true, or no pos_att_type",
          remedy: "set relative_attention to true if the weights have encoder.rel_embeddings")
      }
      return nil
    }
    guard !terms.isEmpty else { return nil }
    // Both numbers count from 1: -1 stands for none.
    let stated = try keys.count("max_relative_positions", default: -1, least: -1)
    let maximum = stated < 1 ? positions : stated
    let buckets = try keys.count("position_buckets", default: -1, least: -1)
    guard buckets < 1 || RelativePlaces.isValid(maximum, span: buckets) else {
      throw keys.refusal(
        "position_buckets", "\(buckets) buckets do not fit distances up to \(maximum)",
        expected: "at least 2, and less than twice max_relative_positions, or -1 for none",
        remedy: "take the config.json that belongs to the weights")
    }
    let norms = try keys.string("norm_rel_ebd", default: "none").lowercased()
      .split(separator: "|").map { $0.filter { !$0.isWhitespace } }
    if let unknown = norms.first(where: { !["none", "layer_norm"].contains($0) }) {
      throw keys.refusal(
        "norm_rel_ebd", "norm_rel_ebd is '\(unknown)'", expected: "layer_norm or none")
    }
    return Relative(
      span: buckets > 0 ? buckets : maximum, buckets: buckets > 0 ? buckets : nil,
      maximum: maximum, hasKeys: terms.contains("c2p"), hasQueries: terms.contains("p2c"),
      sharesProjections: try keys.flag("share_att_key", default: false),
      isNormed: norms.contains("layer_norm"))
  }
}
