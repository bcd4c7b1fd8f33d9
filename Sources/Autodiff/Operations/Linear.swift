import Tensors

/// `x · weightᵀ + bias`.
struct Linear {
  let x: Value
  let weight: Parameter
  let bias: Parameter?

  func backward(_ y: Value, on tape: inout Tape) {
    let dy = Matrix(tape.incoming(y), rows: tape.shape(of: y).rows, columns: weight.shape[0])
    tape.addWeightGradients(of: weight, bias, dy, input: tape.matrix(of: x))
    guard let dx = tape.target(x) else { return }
    tape.product(
      dy, tape.matrix(of: weight), into: Matrix(dx.floats, rows: dy.rows, columns: weight.shape[1]),
      adding: !dx.isFresh)
  }
}

extension Tape {
  /// A linear layer: `y = x · weightᵀ + bias`, x `[…, in]`, weight `[out, in]`, bias `[out]`,
  /// y `[…, out]`.
  public mutating func linear(_ x: Value, _ weight: Parameter, _ bias: Parameter?) -> Value {
    let shape = shape(of: x)
    precondition(
      weight.shape.rank == 2 && shape.rank > 0 && shape.columns == weight.shape[1]
        && (bias.map { $0.shape.count == weight.shape[0] } ?? true),
      "linear: x \(shape), weight \(weight.shape), bias \(bias.map { "\($0.shape)" } ?? "none")")
    let y = append(
      .linear(Linear(x: x, weight: weight, bias: bias)),
      shape.replacing(axis: shape.rank - 1, with: weight.shape[0]), needsGradient: isRecording)
    affine(matrix(of: x), weight, bias, into: matrix(of: y))
    return y
  }

  /// `result = x · weightᵀ + bias`.
  mutating func affine(
    _ x: Matrix, _ weight: Parameter, _ bias: Parameter?, into result: Matrix
  ) {
    if let bias { RowKernels.repeatRow(weights(bias), into: result.values) }
    product(x, matrix(of: weight).transposed, into: result, adding: bias != nil)
  }

  /// Adds the gradients of a linear layer's parameters: `dyᵀ · input` and the column sums of `dy`.
  mutating func addWeightGradients(
    of weight: Parameter, _ bias: Parameter?, _ dy: Matrix, input: Matrix
  ) {
    let dweight = Matrix(
      weightGradients(weight), rows: weight.shape[0], columns: weight.shape[1])
    product(dy.transposed, input, into: dweight, adding: true)
    if let bias { RowKernels.addColumnSums(dy.values, to: weightGradients(bias)) }
  }

  /// A matrix product whose work is counted.
  mutating func product(_ a: Matrix, _ b: Matrix, into c: Matrix, adding: Bool) {
    Matrix.multiply(a, b, into: c, adding: adding)
    productOperations += 2 * Double(c.rows) * Double(c.columns) * Double(a.width)
  }

  /// A value as a matrix: all axes but the innermost are rows.
  func matrix(of value: Value) -> Matrix {
    let shape = shape(of: value)
    return Matrix(values(of: value), rows: shape.rows, columns: shape.columns)
  }

  /// A parameter as a matrix.
  func matrix(of parameter: Parameter) -> Matrix {
    Matrix(
      weights(parameter), rows: parameter.shape.rows, columns: parameter.shape.columns)
  }
}
