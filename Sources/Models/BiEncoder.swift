public import Autodiff
package import Tensors
public import Tokenization

/// A model that reads one text at a time: its tokens' representations are pooled into one
/// embedding, and two texts are compared by theirs (Reimers and Gurevych, 2019).
public struct BiEncoder: Sendable {
  /// What the model computes, but for a score head.
  public var blueprint: Blueprint { encoder.blueprint }
  /// The weights and their names.
  public let parameters: Parameters
  /// From text to token ids.
  public let tokenizer: Tokenizer
  /// How a text becomes an embedding.
  public let layout: SentenceLayout
  private let encoder: Encoder

  /// A model of an encoder and what its parameters hold.
  package init(
    _ encoder: Encoder, _ parameters: Parameters, tokenizer: Tokenizer, layout: SentenceLayout
  ) {
    self.encoder = encoder
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.layout = layout
  }

  /// How tokens become one embedding.
  public var pooling: SequencePooling { layout.pooling }

  /// The length of an embedding.
  public var width: Int { blueprint.hiddenSize }

  /// The most tokens of a text: what the model's files say, or else what it has positions for.
  public var maximumLength: Int {
    min(layout.maximumLength ?? .max, blueprint.maximumPositions)
  }

  /// The embeddings of all sequences of a batch, `[B, width]`, each of length 1 if they are scaled;
  /// they live as long as the tape is not reset.
  package func embeddings(
    _ batch: PlacedBatch, scaled isScaled: Bool = true, on tape: inout Tape
  ) -> Floats {
    let pooled = encoder.pooled(batch, by: pooling, on: &tape)
    let rows = tape.values(of: pooled)
    if isScaled {
      for start in stride(from: 0, to: rows.count, by: width) {
        Self.scale(rows[start..<start + width])
      }
    }
    return rows
  }

  private static func scale(_ row: Floats) {
    let length = Float(max(row.sumOfSquares.squareRoot(), 1e-12))
    for i in 0..<row.count { row[i] /= length }
  }
}
