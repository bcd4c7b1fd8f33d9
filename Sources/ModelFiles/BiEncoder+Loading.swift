import Autodiff
public import Diagnostics
public import Models

extension BiEncoder {
  /// Loads the encoder of a model from a directory or archive. Mean pooling is used if its files
  /// name no pooling.
  ///
  /// - Throws: `Failure` as `CrossEncoder` does, and for a model whose embeddings are computed in
  ///   an unsupported way.
  public init(_ source: ModelSource) throws(Failure) {
    let blueprint = try source.sidecar.architecture().blueprint.encoderAlone
    let layout = try source.sentenceLayout() ?? SentenceLayout()
    let tokenizer = try source.sidecar.tokenizer()
    try source.sidecar.check(tokenizer, with: blueprint)
    var table = ParameterTable()
    let encoder = Encoder(blueprint, in: &table)
    let loaded = try source.load(table, of: blueprint, head: nil, seed: 0)
    self.init(encoder, loaded.parameters, tokenizer: tokenizer, layout: layout)
  }
}
