import Autodiff
import Tensors

/// A convolution beside a layer. Only DeBERTa-v2's largest models have one, beside their first layer,
/// so it is composed of other operations: a product for each place, in 32 bits or rounded like the
/// tape's other products of values.
struct Convolution: Sendable {
  private let weight, bias: Parameter
  private let norm: NormParameters
  private let activation: Activation?
  private let dropout: Float

  /// Adds its parameters to a table.
  init(
    _ parts: ConvolutionBlueprint, columns: Int, dropout: Float, in table: inout ParameterTable
  ) {
    precondition(parts.width % 2 == 1, "\(parts.name): a convolution over \(parts.width) tokens")
    weight = table.add(
      parts.name + ".weight", Shape(columns, columns, parts.width), decays: true)
    bias = table.add(parts.name + ".bias", Shape(columns), decays: false)
    norm = NormParameters(parts.norm, columns, in: &table)
    activation = parts.activation
    self.dropout = dropout
  }

  /// `activation(convolution(x))`, `[T, columns]`.
  func callAsFunction(_ x: Value, _ batch: PlacedBatch, on tape: inout Tape) -> Value {
    let (columns, width) = (weight.shape[0], weight.shape[2])
    let zero = tape.scale(tape.slice(x, axis: 0, 0..<min(1, tape.shape(of: x).rows)), by: 0)
    let padded = tape.concatenate(x, zero, axis: 0)
    let kernel = tape.parameter(weight)
    var sum = tape.parameter(bias)
    for place in 0..<width {
      let rows = tape.neighbours(of: batch.rows, at: place - width / 2)
      let matrix = tape.reshape(
        tape.slice(kernel, axis: 2, place..<place + 1), Shape(columns, columns))
      sum = tape.add(tape.matmul(tape.gather(padded, rows), matrix, transposingRight: true), sum)
    }
    let kept = tape.dropout(sum, rate: dropout, identity: batch.rows.identity)
    guard let activation else { return tape.tanh(kept) }
    return tape.activated(kept, by: activation)
  }

  /// The norm of the sum with the layer's output.
  func joined(_ y: Value, _ convolved: Value, on tape: inout Tape) -> Value {
    let sum = tape.add(y, convolved)
    tape.finish(y)
    let z = tape.norm(sum, norm)
    tape.finish(sum)
    return z
  }
}
