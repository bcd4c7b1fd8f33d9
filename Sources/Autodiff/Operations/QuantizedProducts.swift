import Tensors

/// Linear and feed-forward layers in 8 bits, for inference: a slice of rows at a time, rounded,
/// multiplied in whole numbers and scaled back while it is in cache.
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

  /// `y = activation(x · upᵀ + upBias) · downᵀ + downBias`.
  mutating func quantizedFeedForward(
    _ x: Floats, up: Parameter, _ upBias: Parameter, down: Parameter, _ downBias: Parameter,
    activation: Activation, into y: Floats
  ) {
    let (inner, width) = (up.shape[0], up.shape[1])
    let rows = x.count / Swift.max(width, 1)
    let slice = min(ProductEngine.roundedRows(rows), Self.rowsOfQuantizedSlice)
    let (upWeights, downWeights) = (quantizedWeights(up), quantizedWeights(down))
    let memory = blocks.take(QuantizedRows.floats(rows: slice, columns: width))
    let innerMemory = blocks.take(QuantizedRows.floats(rows: slice, columns: inner))
    let sums = blocks.take(slice * Swift.max(inner, width))
    let row = blocks.take(inner)
    for start in stride(from: 0, to: rows, by: slice) {
      let count = min(slice, rows - start)
      let outer = start * width..<(start + count) * width
      let q = QuantizedRows(in: memory, rows: count, columns: width)
      let activated = QuantizedRows(in: innerMemory, rows: count, columns: inner)
      q.copy(rounding: x[outer])
      quantizedProduct(q, upWeights, into: sums.prefix(count * inner))
      QuantizedKernels.activate(
        activation, sums.prefix(count * inner), q, upWeights, bias: weights(upBias),
        into: activated,
        row: row)
      quantizedProduct(activated, downWeights, into: sums.prefix(count * width))
      QuantizedKernels.dequantize(
        sums.prefix(count * width), activated, downWeights, bias: weights(downBias), into: y[outer])
    }
    for block in [row, sums, innerMemory, memory] { blocks.giveBack(block) }
  }

  /// How many rows are worked on at a time: their sums, four bytes each, should stay in a core's
  /// cache.
  private static let rowsOfQuantizedSlice = 256

  private func quantizedWeights(_ parameter: Parameter) -> QuantizedWeights {
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
