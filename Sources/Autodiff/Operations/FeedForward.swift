public import Tensors

/// `activation(x · upᵀ + upBias) · downᵀ + downBias`. Only the input of the activation is kept; its
/// output is computed again, a slice of rows at a time, while the slice is in cache.
struct FeedForward {
  let x: Value
  let up, upBias, down, downBias: Parameter
  let activation: Activation
  /// x · upᵀ + upBias, `[rows, inner]`.
  let inner: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    let width = up.shape[1]
    let innerWidth = up.shape[0]
    let rows = tape.shape(of: y).rows
    let dy = tape.incoming(y)
    let input = tape.values(of: x)
    let dx = tape.target(x)
    let slice = min(rows, Tape.rowsOfSlice)
    let activatedMemory = tape.blocks.take(slice * innerWidth)
    let gradientMemory = tape.blocks.take(slice * innerWidth)
    for start in stride(from: 0, to: rows, by: Tape.rowsOfSlice) {
      let count = min(Tape.rowsOfSlice, rows - start)
      let outer = start * width..<(start + count) * width
      let activated = activatedMemory[0..<count * innerWidth]
      let dinner = gradientMemory[0..<count * innerWidth]
      let dySlice = Matrix(dy[outer], rows: count, columns: width)
      let dinnerSlice = Matrix(dinner, rows: count, columns: innerWidth)
      tape.product(dySlice, tape.matrix(of: down), into: dinnerSlice, adding: false)
      RowKernels.activateBackward(
        activation, inner[start * innerWidth..<(start + count) * innerWidth], into: activated,
        gradient: dinner)
      tape.addWeightGradients(
        of: down, downBias, dySlice, input: Matrix(activated, rows: count, columns: innerWidth))
      tape.addWeightGradients(
        of: up, upBias, dinnerSlice, input: Matrix(input[outer], rows: count, columns: width))
      if let dx {
        tape.product(
          dinnerSlice, tape.matrix(of: up),
          into: Matrix(dx.floats[outer], rows: count, columns: width), adding: !dx.isFresh)
      }
    }
    tape.blocks.giveBack(activatedMemory)
    tape.blocks.giveBack(gradientMemory)
    tape.blocks.giveBack(inner)
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
    let slice = min(shape.rows, Self.rowsOfSlice)
    let inner = blocks.take((isRecording ? shape.rows : slice) * innerWidth)
    let activated = blocks.take(slice * innerWidth)
    let y = append(
      .feedForward(
        FeedForward(
          x: x, up: up, upBias: upBias, down: down, downBias: downBias, activation: activation,
          inner: inner)),
      shape, needsGradient: isRecording)
    let (input, output) = (values(of: x), values(of: y))
    for start in stride(from: 0, to: shape.rows, by: Self.rowsOfSlice) {
      let count = min(Self.rowsOfSlice, shape.rows - start)
      let outer = start * width..<(start + count) * width
      let first = isRecording ? start : 0
      let before = inner[first * innerWidth..<(first + count) * innerWidth]
      let after = activated[0..<count * innerWidth]
      affine(
        Matrix(input[outer], rows: count, columns: width), up, upBias,
        into: Matrix(before, rows: count, columns: innerWidth))
      RowKernels.activate(activation, before, into: after)
      affine(
        Matrix(after, rows: count, columns: innerWidth), down, downBias,
        into: Matrix(output[outer], rows: count, columns: width))
    }
    blocks.giveBack(activated)
    if !isRecording { blocks.giveBack(inner) }
    return y
  }
}
