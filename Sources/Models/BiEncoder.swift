public import Autodiff
package import Tensors
public import Tokenization

/// A model that reads one text at a time: the representations of its tokens are pooled into one
/// embedding, and texts are compared by their embeddings (Reimers and Gurevych, 2019).
public struct BiEncoder: Sendable {
  /// The computation of the model, without a score head.
  public var blueprint: Blueprint { encoder.blueprint }
  /// The weights and their names.
  public let parameters: Parameters
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// The computation of an embedding from a text.
  public let layout: SentenceLayout
  private let encoder: Encoder

  /// A model of an encoder and its parameters.
  package init(
    _ encoder: Encoder, _ parameters: Parameters, tokenizer: Tokenizer, layout: SentenceLayout
  ) {
    self.encoder = encoder
    self.parameters = parameters
    self.tokenizer = tokenizer
    self.layout = layout
  }

  /// The pooling of tokens into one embedding.
  public var pooling: SequencePooling { layout.pooling }

  /// The length of an embedding.
  public var width: Int { blueprint.hiddenSize }

  /// The maximum number of tokens per text: the value in the model's files, else the number of
  /// positions.
  public var maximumLength: Int {
    min(layout.maximumLength ?? .max, blueprint.maximumPositions)
  }

  /// The embeddings of all sequences of a batch, `[B, width]`, each normalised to length 1 if the
  /// layout compares cosines; valid until the tape is reset.
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
