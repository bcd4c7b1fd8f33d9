import Tensors

/// A range along one axis. Along the outermost axis it shares memory, otherwise it is a copy.
struct Slice {
  let x: Value
  let axis: Int8
  let start: Int

  func backward(_ y: Value, on tape: inout Tape) {
    let dy = tape.incoming(y)
    let blocks = AxisBlocks(tape.shape(of: x), axis: Int(axis))
    let columns = tape.shape(of: y)[Int(axis)] * blocks.inner
    tape.accumulate(into: x) { dx in
      LayoutKernels.copyBlocks(
        rows: blocks.outer, columns: columns, from: dy, every: columns,
        into: dx[start * blocks.inner..<dx.count], every: blocks.columns, adding: true)
    }
  }
}

extension Tape {
  /// The part of `x` in a range along one axis; the axis stays, with the extent of the range. Along
  /// axis 0 the result shares memory with `x`.
  public mutating func slice(_ x: Value, axis: Int, _ range: Range<Int>) -> Value {
    let shape = shape(of: x)
    precondition(
      axis >= 0 && axis < shape.rank && range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "slice: range \(range) along axis \(axis) of shape \(shape)")
    let blocks = AxisBlocks(shape, axis: axis)
    let part = shape.replacing(axis: axis, with: range.count)
    let operation = Operation.slice(Slice(x: x, axis: Int8(axis), start: range.lowerBound))
    let source = values(of: x)
    if axis == 0 {
      let start = range.lowerBound * blocks.inner
      return appendView(
        operation, part, of: source[start..<start + part.count], needsGradient: needsGradient(x))
    }
    let y = append(operation, part, needsGradient: needsGradient(x))
    let columns = range.count * blocks.inner
    LayoutKernels.copyBlocks(
      rows: blocks.outer, columns: columns,
      from: source[min(range.lowerBound * blocks.inner, source.count)..<source.count],
      every: blocks.columns, into: values(of: y), every: columns)
    return y
  }
}
