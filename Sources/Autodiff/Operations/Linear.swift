public import Tensors

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
  /// The dropout of what the weight's adapters read.
  let dropout: AdapterDropout

  func backward(_ y: Value, on tape: inout Tape) {
    let values = tape.incoming(y)
    let dy = tape.factor(
      values, rows: tape.shape(of: y).rows, columns: weight.shape[0], isExact: isExact)
    tape.addWeightGradients(of: weight, dy.matrix, input: input.matrix)
    if let bias, !tape.isFrozen(bias) {
      RowKernels.addColumnSums(values, to: tape.weightGradients(bias))
    }
    // Without adapters, what the weight read is not needed for the gradient of x.
    let isAdapted = !tape.adapters(of: weight).isEmpty
    if !isAdapted { tape.giveBack(input) }
    let target = tape.target(x)
    let dx = target.map { Matrix($0.floats, rows: dy.matrix.rows, columns: weight.shape[1]) }
    if let target, let dx {
      tape.product(
        dy.matrix, tape.weightFactor(weight, isExact: isExact), into: dx, adding: !target.isFresh)
    }
    if isAdapted {
      tape.addAdapterGradients(of: weight, dy.matrix, input: input.matrix, dx: dx, dropout)
      tape.giveBack(input)
    }
    tape.giveBack(dy)
  }
}

extension Tape {
  /// A dense layer: `linear` with the layer's weight and bias.
  public mutating func linear(
    _ x: Value, _ dense: DenseParameters, isExact: Bool = false, identity: Indices? = nil
  ) -> Value {
    linear(x, dense.weight, dense.bias, isExact: isExact, identity: identity)
  }

  /// A linear layer: `y = x · weightᵀ + bias`, x `[…, in]`, weight `[out, in]`, bias `[out]`, y
  /// `[…, out]`. With `isExact` the product is in 32 bits regardless of the tape's precision.
  /// Adapters of the weight are part of it; `identity` `[rows]` has the rows' numbers for their
  /// dropout, nil for the indices of rows.
  public mutating func linear(
    _ x: Value, _ weight: Parameter, _ bias: Parameter?, isExact: Bool = false,
    identity: Indices? = nil
  ) -> Value {
    let shape = shape(of: x)
    precondition(
      weight.shape.rank == 2 && shape.rank > 0 && shape.columns == weight.shape[1]
        && (bias.map { $0.shape.count == weight.shape[0] } ?? true),
      "linear: x \(shape), weight \(weight.shape), bias \(bias.map { "\($0.shape)" } ?? "none")")
    let input = factor(x, isExact: isExact)
    let dropout = adapterDropout(of: weight, rows: shape.rows, identity)
    let y = append(
      .linear(
        Linear(
          x: x, weight: weight, bias: bias, input: input, isExact: isExact, dropout: dropout)),
      shape.replacing(axis: shape.rank - 1, with: weight.shape[0]), needsGradient: isRecording)
    if precision == .int8, !isExact {
      quantizedLinear(values(of: x), weight, bias, into: values(of: y))
      return y
    }
    let output = Matrix(values(of: y), rows: shape.rows, columns: weight.shape[0])
    product(
      input.matrix, weightFactor(weight, isExact: isExact).transposed, into: output, adding: false,
      bias: bias.map { weights($0) })
    addAdapters(of: weight, input.matrix, to: output, dropout)
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
