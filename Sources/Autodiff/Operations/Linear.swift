import Tensors

/// A dense layer's parameters.
public struct DenseParameters: Sendable, Equatable {
  /// `[outputs, inputs]`.
  public let weight: Parameter
  /// `[outputs]`; nil for none.
  public let bias: Parameter?

  /// A bias has one value for each row of the weight.
  public init(weight: Parameter, bias: Parameter?) {
    precondition(
      weight.shape.rank == 2 && (bias.map { $0.shape.count == weight.shape[0] } ?? true),
      "a dense layer's weight \(weight.shape) and bias \(bias.map { "\($0.shape)" } ?? "none")")
    self.weight = weight
    self.bias = bias
  }

  /// The number of columns of the input.
  public var inputs: Int { weight.shape[1] }
  /// The number of columns of the output.
  public var outputs: Int { weight.shape[0] }
}

/// `x · weightᵀ + bias`.
struct Linear {
  let x: Value
  let weight: Parameter
  let bias: Parameter?
  /// x in the precision in which products read it.
  let input: Factor
  /// Whether the products are in 32 bits regardless of the tape's precision.
  let isExact: Bool

  func backward(_ y: Value, on tape: inout Tape) {
    let values = tape.incoming(y)
    let dy = tape.factor(
      values, rows: tape.shape(of: y).rows, columns: weight.shape[0], isExact: isExact)
    tape.addWeightGradients(of: weight, dy.matrix, input: input.matrix)
    if let bias, !tape.isFrozen(bias) {
      RowKernels.addColumnSums(values, to: tape.weightGradients(bias))
    }
    tape.giveBack(input)
    if let dx = tape.target(x) {
      tape.product(
        dy.matrix, tape.weightFactor(weight, isExact: isExact),
        into: Matrix(dx.floats, rows: dy.matrix.rows, columns: weight.shape[1]),
        adding: !dx.isFresh)
    }
    tape.giveBack(dy)
  }
}

extension Tape {
  /// A dense layer: `linear` with the layer's weight and bias.
  public mutating func linear(
    _ x: Value, _ dense: DenseParameters, isExact: Bool = false
  ) -> Value {
    linear(x, dense.weight, dense.bias, isExact: isExact)
  }

  /// A linear layer: `y = x · weightᵀ + bias`, x `[…, in]`, weight `[out, in]`, bias `[out]`, y
  /// `[…, out]`. With `isExact` the product is in 32 bits regardless of the tape's precision.
  public mutating func linear(
    _ x: Value, _ weight: Parameter, _ bias: Parameter?, isExact: Bool = false
  ) -> Value {
    let shape = shape(of: x)
    precondition(
      weight.shape.rank == 2 && shape.rank > 0 && shape.columns == weight.shape[1]
        && (bias.map { $0.shape.count == weight.shape[0] } ?? true),
      "linear: x \(shape), weight \(weight.shape), bias \(bias.map { "\($0.shape)" } ?? "none")")
    let input = factor(x, isExact: isExact)
    let y = append(
      .linear(Linear(x: x, weight: weight, bias: bias, input: input, isExact: isExact)),
      shape.replacing(axis: shape.rank - 1, with: weight.shape[0]), needsGradient: isRecording)
    if precision == .int8, !isExact {
      quantizedLinear(values(of: x), weight, bias, into: values(of: y))
      return y
    }
    product(
      input.matrix, weightFactor(weight, isExact: isExact).transposed,
      into: Matrix(values(of: y), rows: shape.rows, columns: weight.shape[0]), adding: false,
      bias: bias.map { weights($0) })
    if !isRecording { giveBack(input) }
    return y
  }

  /// Adds `dyᵀ · input` to the gradient of a linear layer's weight.
  mutating func addWeightGradients(of weight: Parameter, _ dy: Matrix, input: Matrix) {
    guard !isFrozen(weight) else { return }
    let isFirst = hasZeroGradients(weight)
    product(
      dy.transposed, input,
      into: Matrix(weightGradients(weight), rows: weight.shape[0], columns: weight.shape[1]),
      adding: !isFirst)
  }
}
