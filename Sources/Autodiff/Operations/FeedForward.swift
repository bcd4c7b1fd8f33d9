public import Tensors

/// `activation(x · upᵀ + upBias) · downᵀ + downBias`. Only the input of the activation is kept; its
/// output is computed again, a slice of rows at a time, while the slice is in cache.
struct FeedForward {
  let x: Value
  let up, upBias, down, downBias: Parameter
  let activation: Activation
  /// x as the products read it, `[rows, width]`.
  let input: Factor
  /// x · upᵀ + upBias, `[rows, inner]`.
  let inner: Factor

  func backward(_ y: Value, on tape: inout Tape) {
    let (innerWidth, width) = (up.shape[0], up.shape[1])
    let rows = tape.shape(of: y).rows
    let values = tape.incoming(y)
    let dx = tape.target(x)
    let dy = tape.factor(values, rows: rows, columns: width)
    if !tape.isFrozen(downBias) {
      RowKernels.addColumnSums(values, to: tape.weightGradients(downBias))
    }
    let slice = min(rows, Tape.rowsOfSlice)
    let activated = tape.room(rows: slice, columns: innerWidth)
    let gradient = tape.room(rows: slice, columns: innerWidth)
    for start in stride(from: 0, to: rows, by: Tape.rowsOfSlice) {
      let slice = start..<min(start + Tape.rowsOfSlice, rows)
      let activated = activated.matrix.prefix(slice.count)
      let dinner = gradient.matrix.prefix(slice.count)
      let dySlice = dy.matrix.rows(slice)
      tape.product(dySlice, tape.weightFactor(down), into: dinner, adding: false)
      RowKernels.activateBackward(
        activation, inner.matrix.rows(slice), into: activated, gradient: dinner)
      tape.addWeightGradients(of: down, dySlice, input: activated)
      tape.addWeightGradients(of: up, dinner, input: input.matrix.rows(slice))
      if !tape.isFrozen(upBias) {
        RowKernels.addColumnSums(dinner, to: tape.weightGradients(upBias))
      }
      if let dx {
        tape.product(
          dinner, tape.weightFactor(up),
          into: Matrix(dx.floats, rows: rows, columns: width).rows(slice), adding: !dx.isFresh)
      }
    }
    tape.giveBack(activated)
    tape.giveBack(gradient)
    tape.giveBack(dy)
    tape.giveBack(inner)
    tape.giveBack(input)
  }
}

extension Tape {
  /// How many rows of a feed-forward layer are worked on at a time: enough for the products to
  /// run at full speed, few enough for the activations to stay in cache.
  static let rowsOfSlice = 512

  /// A feed-forward layer: `activation(x · upᵀ + upBias) · downᵀ + downBias`, x and y `[…, width]`,
  /// up `[inner, width]`, down `[width, inner]`.
  public mutating func feedForward(
    _ x: Value, up: Parameter, _ upBias: Parameter, down: Parameter, _ downBias: Parameter,
    activation: Activation
  ) -> Value {
    let shape = shape(of: x)
    let (width, innerWidth) = (shape.columns, up.shape[0])
    precondition(
      up.shape == Shape(innerWidth, width) && down.shape == Shape(width, innerWidth)
        && upBias.shape.count == innerWidth && downBias.shape.count == width,
      "feedForward: x \(shape), up \(up.shape), down \(down.shape)")
    if precision == .int8 {
      let y = append(.leaf, shape, needsGradient: false)
      quantizedFeedForward(
        values(of: x), up: up, upBias, down: down, downBias, activation: activation,
        into: values(of: y))
      return y
    }
    let slice = min(shape.rows, Self.rowsOfSlice)
    let input = factor(x)
    let inner = room(rows: isRecording ? shape.rows : slice, columns: innerWidth)
    let activated = room(rows: slice, columns: innerWidth)
    let y = append(
      .feedForward(
        FeedForward(
          x: x, up: up, upBias: upBias, down: down, downBias: downBias, activation: activation,
          input: input, inner: inner)),
      shape, needsGradient: isRecording)
    let output = Matrix(values(of: y), rows: shape.rows, columns: width)
    for start in stride(from: 0, to: shape.rows, by: Self.rowsOfSlice) {
      let slice = start..<min(start + Self.rowsOfSlice, shape.rows)
      let before =
        isRecording ? inner.matrix.rows(slice) : inner.matrix.prefix(slice.count)
      let after = activated.matrix.prefix(slice.count)
      product(
        input.matrix.rows(slice), weightFactor(up).transposed, into: before, adding: false,
        bias: weights(upBias))
      RowKernels.activate(activation, before, into: after)
      product(
        after, weightFactor(down).transposed, into: output.rows(slice), adding: false,
        bias: weights(downBias))
    }
    giveBack(activated)
    if !isRecording {
      giveBack(inner)
      giveBack(input)
    }
    return y
  }
}
