import Autodiff
import Tensors

/// From the first token's representation to a score: dense layer, tanh, dropout, dense layer to one
/// number; BERT's pooler and a classifier with one label.
package struct ScoreHead: Sendable {
  let pooler: LinearParameters
  let classifier: LinearParameters
  let dropout: Float

  init(_ configuration: EncoderConfiguration, in table: inout ParameterTable) {
    let width = configuration.hiddenSize
    pooler = LinearParameters(Self.poolerName, from: width, to: width, in: &table)
    classifier = LinearParameters(Self.classifierName, from: width, to: 1, in: &table)
    dropout = configuration.classifierDropout
  }

  /// The dense layer in front of the classifier.
  package static let poolerName = "bert.pooler.dense"
  /// The dense layer that gives the score.
  package static let classifierName = "classifier"

  /// first `[B, hidden]` → scores `[B, 1]`. In 32 bits in every precision: it costs next to
  /// nothing, and scores that were rounded would tie.
  func callAsFunction(_ first: Value, identity: Indices, on tape: inout Tape) -> Value {
    let pooled = tape.tanh(pooler(first, isExact: true, on: &tape))
    let kept = tape.dropout(pooled, rate: dropout, identity: identity)
    return classifier(kept, isExact: true, on: &tape)
  }
}
