import Tensors

/// Linear and feed-forward layers in 8 bits, for inference: a slice of rows at a time, rounded,
/// multiplied as integers and scaled back while it is in cache.
extension Tape {
  /// `y = x · weightᵀ + bias`.
  mutating func quantizedLinear(
    _ x: Floats, _ weight: Parameter, _ bias: Parameter?, into y: Floats
  ) {
    let (outer, inner) = (weight.shape[0], weight.shape[1])
    let rows = x.count / Swift.max(inner, 1)
    let slice = min(ProductEngine.roundedRows(rows), Self.rowsOfQuantizedSlice)
    let w = quantizedWeights(weight)
    let memory = blocks.take(QuantizedRows.floats(rows: slice, columns: inner))
    let sums = blocks.take(slice * outer)
    let none = blocks.take(bias == nil ? outer : 0)
    none.fill(0)
    for start in stride(from: 0, to: rows, by: slice) {
      let range = start..<min(start + slice, rows)
      let q = QuantizedRows(in: memory, rows: range.count, columns: inner)
      let part = sums.prefix(range.count * outer)
      q.copy(rounding: x[range.lowerBound * inner..<range.upperBound * inner])
      quantizedProduct(q, w, into: part)
      QuantizedKernels.dequantize(
        part, q, w, bias: bias.map { weights($0) } ?? none,
        into: y[range.lowerBound * outer..<range.upperBound * outer])
    }
    for block in [none, sums, memory] { blocks.giveBack(block) }
  }

  /// The same as `feedForward`, in 8 bits.
  mutating func quantizedFeedForward(
    _ x: Floats, _ parameters: FeedForwardParameters, into y: Floats
  ) {
    let (inner, width) = (parameters.inner, parameters.width)
    let rows = x.count / Swift.max(width, 1)
    let slice = min(ProductEngine.roundedRows(rows), Self.rowsOfQuantizedSlice)
    // The number of columns of the products from which one row of the activation is computed.
    let columns: Int
    switch parameters.up {
    case .plain: columns = inner
    case .joined, .gated: columns = 2 * inner
    }
    let memory = blocks.take(QuantizedRows.floats(rows: slice, columns: width))
    let innerMemory = blocks.take(QuantizedRows.floats(rows: slice, columns: inner))
    let sums = blocks.take(slice * Swift.max(columns, width))
    let row = blocks.take(columns)
    let none = blocks.take(Swift.max(columns, width))
    none.fill(0)
    let down = quantizedDense(parameters.down, none)
    for start in stride(from: 0, to: rows, by: slice) {
      let count = min(slice, rows - start)
      let outer = start * width..<(start + count) * width
      let q = QuantizedRows(in: memory, rows: count, columns: width)
      let activated = QuantizedRows(in: innerMemory, rows: count, columns: inner)
      q.copy(rounding: x[outer])
      switch parameters.up {
      case .plain(let up):
        let up = quantizedDense(up, none)
        let part = sums.prefix(count * inner)
        quantizedProduct(q, up.weights, into: part)
        QuantizedKernels.activate(
          parameters.activation, part, q, up.weights, bias: up.bias, into: activated, row: row)
      case .joined(let both):
        let both = quantizedDense(both, none)
        let part = sums.prefix(count * columns)
        quantizedProduct(q, both.weights, into: part)
        QuantizedKernels.gate(
          parameters.activation, part, q, both.weights, bias: both.bias, into: activated, row: row)
      case .gated(let gate, let up):
        let (gate, up) = (quantizedDense(gate, none), quantizedDense(up, none))
        let first = sums.prefix(count * inner)
        let second = sums[slice * inner..<2 * slice * inner].prefix(count * inner)
        quantizedProduct(q, gate.weights, into: first)
        quantizedProduct(q, up.weights, into: second)
        QuantizedKernels.gate(
          parameters.activation, gate: (first, gate.weights, gate.bias),
          up: (second, up.weights, up.bias), q, into: activated, row: row)
      }
      let part = sums.prefix(count * width)
      quantizedProduct(activated, down.weights, into: part)
      QuantizedKernels.dequantize(part, activated, down.weights, bias: down.bias, into: y[outer])
    }
    for block in [none, row, sums, innerMemory, memory] { blocks.giveBack(block) }
  }

  /// A dense layer's weights in 8 bits, and its bias or, without one, zeros.
  private func quantizedDense(
    _ dense: DenseParameters, _ none: Floats
  ) -> (weights: QuantizedWeights, bias: Floats) {
    (
      quantizedWeights(dense.weight),
      dense.bias.map { weights($0) } ?? none.prefix(dense.outputs)
    )
  }

  /// The number of rows processed at a time: their sums, four bytes each, should fit in a core's
  /// cache.
  private static let rowsOfQuantizedSlice = 256

  private func quantizedWeights(_ parameter: Parameter) -> QuantizedWeights {
    checkIsMultiplied(parameter)
    guard let reduced else { preconditionFailure("a product in 8 bits without weights in 8 bits") }
    return reduced.quantized(parameter)
  }

  private mutating func quantizedProduct(
    _ x: QuantizedRows, _ w: QuantizedWeights, into sums: Floats
  ) {
    guard let engine else { preconditionFailure("a product in 8 bits without an engine") }
    timed(&times.products) { QuantizedKernels.multiply(x, w, into: sums, on: engine) }
    productOperations += 2 * Double(x.rows) * Double(w.rows) * Double(x.columns)
  }
}
