public import Autodiff
public import Diagnostics
public import Tensors
public import Tokenization

/// A model that reads one text at a time: the mean of its tokens' representations, or the first
/// one, scaled to length 1, so that a scalar product of two is their cosine (Reimers and Gurevych,
/// 2019).
public struct BiEncoder: Sendable {
  /// Sizes and settings.
  public let configuration: EncoderConfiguration
  /// The weights and their names.
  public let parameters: Parameters
  /// From text to token ids.
  public let tokenizer: Tokenizer
  /// How tokens become one embedding.
  public let pooling: Pooling
  private let encoder: Encoder

  /// Loads the encoder of a model from a directory or archive. Without a word on pooling in its
  /// files, it is the mean.
  ///
  /// - Throws: `Failure` as `CrossEncoder` does.
  public init(_ source: ModelSource) throws(Failure) {
    configuration = try source.sidecar.configuration()
    pooling = source.pooling ?? .mean
    tokenizer = try source.sidecar.tokenizer()
    var table = ParameterTable()
    encoder = Encoder(configuration, prefix: "bert.", in: &table)
    parameters = try source.load(table, fresh: [], deviation: 0, seed: 0).parameters
  }

  /// The length of an embedding.
  public var width: Int { configuration.hiddenSize }

  /// The embeddings of all sequences of a batch, `[B, width]`; they live as long as the tape is not
  /// reset.
  public func embeddings(_ batch: PlacedBatch, on tape: inout Tape) -> Floats {
    let pooled: Value
    switch pooling {
    case .mean:
      let tokens = encoder(batch, on: &tape)
      pooled = tape.segmentMean(tokens, batch.rows.offsets)
    case .first: pooled = encoder.first(batch, on: &tape)
    }
    let rows = tape.values(of: pooled)
    for start in stride(from: 0, to: rows.count, by: width) {
      let row = rows[start..<start + width]
      let length = Float(max(row.sumOfSquares.squareRoot(), 1e-12))
      for i in 0..<width { row[i] /= length }
    }
    return rows
  }
}
