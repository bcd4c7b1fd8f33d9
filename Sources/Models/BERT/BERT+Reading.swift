public import Diagnostics
import Tensors

extension BERT {
  /// Reads the `config.json` of a model that is known to be a BERT.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    let vocabularySize = try keys.count("vocab_size")
    let hiddenSize = try keys.count("hidden_size", most: RowKernels.widestRow)
    let layers = try keys.count("num_hidden_layers", most: 1000)
    let heads = try keys.count("num_attention_heads")
    let innerSize = try keys.count("intermediate_size")
    let maximumPositions = try keys.count("max_position_embeddings")
    let tokenTypes = try keys.count("type_vocab_size", default: 2)
    let activation = try keys.activation("hidden_act")
    let hiddenDropout = try keys.rate("hidden_dropout_prob", default: 0.1)
    let attentionDropout = try keys.rate("attention_probs_dropout_prob", default: 0.1)
    let classifierDropout = try keys.rate("classifier_dropout", default: hiddenDropout)
    let layerNormEpsilon = Float(try keys.number("layer_norm_eps", default: 1e-12, in: 0...1))
    let initializerRange = Float(try keys.number("initializer_range", default: 0.02, in: 0...100))
    let paddingID = try keys.paddingID(default: 0, of: vocabularySize)
    try keys.checkHeads(heads, divide: hiddenSize, "hidden_size", "num_attention_heads")
    self.init(
      vocabularySize: vocabularySize, hiddenSize: hiddenSize, layers: layers,
      heads: heads, innerSize: innerSize, maximumPositions: maximumPositions,
      tokenTypes: tokenTypes, activation: activation, hiddenDropout: hiddenDropout,
      attentionDropout: attentionDropout, classifierDropout: classifierDropout,
      layerNormEpsilon: layerNormEpsilon,
      initializerRange: initializerRange, paddingID: paddingID)
  }
}
