public import Tensors

/// `activation(x · upᵀ) · downᵀ`, or the same with a gate. Only the input of the activation (and
/// the factor of a gate) is retained; its output is recomputed one slice of rows at a time, while
/// the slice is in cache.
struct FeedForward {
  let x: Value
  let parameters: FeedForwardParameters
  /// x in the precision in which products read it, `[rows, width]`.
  let input: Factor
  /// The input of the activation, `[rows, inner]`; `[rows, 2·inner]` with gate and up side by side
  /// if one product computes both.
  let inner: Factor
  /// The factor of the gate, `[rows, inner]`, if a separate product computes it.
  let up: Factor?
  /// The dropout of what the adapters of the first and of the second part read.
  let dropout: (up: AdapterDropout, down: AdapterDropout)

  func backward(_ y: Value, on tape: inout Tape) {
    let down = parameters.down
    let rows = tape.shape(of: y).rows
    let values = tape.incoming(y)
    let dx = tape.target(x)
    let dy = tape.factor(values, rows: rows, columns: parameters.width)
    if let bias = down.bias, !tape.isFrozen(bias) {
      RowKernels.addColumnSums(values, to: tape.weightGradients(bias))
    }
    let most = parameters.rowsOfBackwardSlice(of: rows)
    let memory = SliceMemory(parameters, rows: min(rows, most), on: &tape)
    for start in stride(from: 0, to: rows, by: most) {
      let slice = start..<min(start + most, rows)
      let activated = memory.activated.matrix.prefix(slice.count)
      let gradient = memory.gradient.matrix.prefix(slice.count)
      let dySlice = dy.matrix.rows(slice)
      let part = Part(
        input: input.matrix.rows(slice),
        dx: dx.map { Matrix($0.floats, rows: rows, columns: parameters.width).rows(slice) },
        dropout: dropout.up.rows(slice))
      let downDropout = dropout.down.rows(slice)
      tape.product(dySlice, tape.weightFactor(down.weight), into: gradient, adding: false)
      tape.addAdapterGradients(of: down.weight, dySlice, input: nil, dx: gradient, downDropout)
      switch parameters.up {
      case .plain(let up):
        RowKernels.activateBackward(
          parameters.activation, inner.matrix.rows(slice), into: activated, gradient: gradient)
        addDown(dySlice, activated, downDropout, on: &tape)
        add(up, gradient, part, adding: !(dx?.isFresh ?? true), on: &tape)
      case .joined(let both):
        let gates = inner.matrix.rows(slice).halves
        let dinner = memory.gateGradient.required.matrix.prefix(slice.count)
        let slopes = dinner.halves
        RowKernels.gateBackward(
          parameters.activation, gate: gates.first, up: gates.second, gradient: gradient,
          into: activated, gateGradient: slopes.first, upGradient: slopes.second)
        addDown(dySlice, activated, downDropout, on: &tape)
        add(both, dinner, part, adding: !(dx?.isFresh ?? true), on: &tape)
      case .gated(let gateParameters, let upParameters):
        let dgate = memory.gateGradient.required.matrix.prefix(slice.count)
        let dup = memory.upGradient.required.matrix.prefix(slice.count)
        RowKernels.gateBackward(
          parameters.activation, gate: inner.matrix.rows(slice),
          up: up.required.matrix.rows(slice), gradient: gradient, into: activated,
          gateGradient: dgate, upGradient: dup)
        addDown(dySlice, activated, downDropout, on: &tape)
        add(gateParameters, dgate, part, adding: !(dx?.isFresh ?? true), on: &tape)
        add(upParameters, dup, part, adding: true, on: &tape)
      }
    }
    memory.giveBack(to: &tape)
    tape.giveBack(dy)
    if let up { tape.giveBack(up) }
    tape.giveBack(inner)
    tape.giveBack(input)
  }

  /// The input of a slice, and the memory for its gradient.
  private struct Part {
    let input: Matrix
    let dx: Matrix?
    let dropout: AdapterDropout
  }

  /// Adds the gradients of the second part's weight, and those of its adapters' factors.
  private func addDown(
    _ dy: Matrix, _ activated: Matrix, _ dropout: AdapterDropout, on tape: inout Tape
  ) {
    tape.addWeightGradients(of: parameters.down.weight, dy, input: activated)
    tape.addAdapterGradients(
      of: parameters.down.weight, dy, input: activated, dx: nil, dropout)
  }

  /// Adds the gradients of a dense layer from the gradient of its result.
  private func add(
    _ dense: DenseParameters, _ gradient: Matrix, _ part: Part, adding: Bool,
    on tape: inout Tape
  ) {
    tape.addWeightGradients(of: dense.weight, gradient, input: part.input)
    if let bias = dense.bias, !tape.isFrozen(bias) {
      RowKernels.addColumnSums(gradient, to: tape.weightGradients(bias))
    }
    if let dx = part.dx {
      tape.product(gradient, tape.weightFactor(dense.weight), into: dx, adding: adding)
    }
    tape.addAdapterGradients(
      of: dense.weight, gradient, input: part.input, dx: part.dx, part.dropout)
  }
}

/// Working memory of a backward pass for one slice of rows.
private struct SliceMemory {
  /// The output of the activation or gate, and its gradient.
  let activated, gradient: Factor
  /// The gradients of the inputs of a gate: of gate and up side by side, or one each.
  let gateGradient, upGradient: Factor?

  init(_ parameters: FeedForwardParameters, rows: Int, on tape: inout Tape) {
    let inner = parameters.inner
    activated = tape.room(rows: rows, columns: inner)
    gradient = tape.room(rows: rows, columns: inner)
    switch parameters.up {
    case .plain: (gateGradient, upGradient) = (nil, nil)
    case .joined: (gateGradient, upGradient) = (tape.room(rows: rows, columns: 2 * inner), nil)
    case .gated:
      gateGradient = tape.room(rows: rows, columns: inner)
      upGradient = tape.room(rows: rows, columns: inner)
    }
  }

  func giveBack(to tape: inout Tape) {
    tape.giveBack(activated)
    tape.giveBack(gradient)
    if let gateGradient { tape.giveBack(gateGradient) }
    if let upGradient { tape.giveBack(upGradient) }
  }
}

extension FeedForwardParameters {
  /// The number of rows of a layer whose backward pass is computed at a time.
  ///
  /// Each slice reads and writes the gradients of all weights. Where those of one do not fit into a
  /// core's share of the cache, slices are longer, and of equal length, so that none is too short to
  /// pay for that: measured with weights of 768 · 3,072 values, a training step gained 2–4 %; with
  /// 384 · 1,536 and fewer, nothing.
  fileprivate func rowsOfBackwardSlice(of rows: Int) -> Int {
    guard width * inner > 1 << 20 else { return Tape.rowsOfSlice }
    let slices = max(1, (rows + 2047) / 2048)
    return max(1, ProductEngine.roundedRows((rows + slices - 1) / slices))
  }
}

extension Factor? {
  /// Unwraps memory that only layers with a gate have.
  fileprivate var required: Factor {
    guard let self else { preconditionFailure("feedForward: a gate without its memory") }
    return self
  }
}

extension Matrix {
  /// The left and the right half of the columns.
  fileprivate var halves: (first: Matrix, second: Matrix) {
    (columns(0..<columns / 2), columns(columns / 2..<columns))
  }
}

extension Tape {
  /// The number of rows of a feed-forward layer processed at a time: enough for the products to run
  /// at full speed, few enough for the activations to stay in cache.
  static let rowsOfSlice = 512

  /// A feed-forward layer: `activation(x · upᵀ + bias) · downᵀ + bias`, or with a gate
  /// `(activation(x · gateᵀ + bias) · (x · upᵀ + bias)) · downᵀ + bias`; x and y `[…, width]`.
  /// Adapters of the weights are part of it; `identity` `[rows]` has the rows' numbers for their
  /// dropout, nil for the indices of rows.
  public mutating func feedForward(
    _ x: Value, _ parameters: FeedForwardParameters, identity: Indices? = nil
  ) -> Value {
    let shape = shape(of: x)
    let (width, innerWidth) = (parameters.width, parameters.inner)
    precondition(
      shape.rank > 0 && shape.columns == width,
      "feedForward: x \(shape), down \(parameters.down.weight.shape)")
    if precision == .int8 {
      let y = append(.leaf, shape, needsGradient: false)
      quantizedFeedForward(values(of: x), parameters, into: values(of: y))
      return y
    }
    let slice = min(shape.rows, Self.rowsOfSlice)
    let input = factor(x)
    let kept = isRecording ? shape.rows : slice
    let inner: Factor
    var up: Factor?
    switch parameters.up {
    case .plain: inner = room(rows: kept, columns: innerWidth)
    case .joined: inner = room(rows: kept, columns: 2 * innerWidth)
    case .gated:
      inner = room(rows: kept, columns: innerWidth)
      up = room(rows: kept, columns: innerWidth)
    }
    let activated = room(rows: slice, columns: innerWidth)
    let dropout = (
      up: adapterDropout(of: parameters.up, rows: shape.rows, identity),
      down: adapterDropout(of: parameters.down.weight, rows: shape.rows, identity)
    )
    let y = append(
      .feedForward(
        FeedForward(
          x: x, parameters: parameters, input: input, inner: inner, up: up, dropout: dropout)),
      shape, needsGradient: isRecording)
    let output = Matrix(values(of: y), rows: shape.rows, columns: width)
    for start in stride(from: 0, to: shape.rows, by: Self.rowsOfSlice) {
      let slice = start..<min(start + Self.rowsOfSlice, shape.rows)
      let rows = isRecording ? slice : 0..<slice.count
      let before = isRecording ? inner.matrix.rows(rows) : inner.matrix.prefix(rows.count)
      let after = activated.matrix.prefix(slice.count)
      let read = input.matrix.rows(slice)
      let (upDropout, downDropout) = (dropout.up.rows(slice), dropout.down.rows(slice))
      switch parameters.up {
      case .plain(let dense):
        multiply(read, by: dense, into: before, upDropout)
        RowKernels.activate(parameters.activation, before, into: after)
      case .joined(let dense):
        multiply(read, by: dense, into: before, upDropout)
        let halves = before.halves
        RowKernels.gate(parameters.activation, gate: halves.first, up: halves.second, into: after)
      case .gated(let gateParameters, let upParameters):
        let factor =
          isRecording ? up.required.matrix.rows(rows) : up.required.matrix.prefix(rows.count)
        multiply(read, by: gateParameters, into: before, upDropout)
        multiply(read, by: upParameters, into: factor, upDropout)
        RowKernels.gate(parameters.activation, gate: before, up: factor, into: after)
      }
      multiply(after, by: parameters.down, into: output.rows(slice), downDropout)
    }
    giveBack(activated)
    if !isRecording {
      if let up { giveBack(up) }
      giveBack(inner)
      giveBack(input)
    }
    return y
  }

  /// `y = x · weightᵀ + bias` in the precision in which products read it, with the weight's
  /// adapters.
  private mutating func multiply(
    _ x: Matrix, by dense: DenseParameters, into y: Matrix, _ dropout: AdapterDropout
  ) {
    product(
      x, weightFactor(dense.weight).transposed, into: y, adding: false,
      bias: dense.bias.map { weights($0) })
    addAdapters(of: dense.weight, x, to: y, dropout)
  }
}
