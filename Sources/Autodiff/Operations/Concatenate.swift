import Tensors

/// The concatenation of any number of tensors along an axis; they are in the tape's list of
/// operands.
struct Concatenate {
  let firstOperand: Int
  let count: Int
  let axis: Int8

  func backward(_ y: Value, on tape: inout Tape) {
    let dy = tape.incoming(y)
    let whole = AxisBlocks(tape.shape(of: y), axis: Int(axis))
    var start = 0
    for i in firstOperand..<firstOperand + count {
      let part = tape.operands[i]
      let blocks = AxisBlocks(tape.shape(of: part), axis: Int(axis))
      if let target = tape.target(part) {
        LayoutKernels.copyBlocks(
          rows: whole.outer, columns: blocks.columns, from: dy[start..<dy.count],
          every: whole.columns, into: target.floats, every: blocks.columns,
          adding: !target.isFresh)
      }
      start += blocks.columns
    }
  }
}

extension Tape {
  /// Concatenates two tensors along `axis`; their other extents are equal.
  public mutating func concatenate(_ a: Value, _ b: Value, axis: Int) -> Value {
    let first = operands.count
    operands.append(a)
    operands.append(b)
    return concatenate(operandsFrom: first, axis: axis)
  }

  /// Concatenates any number of tensors (at least one) along `axis`; their other extents are equal.
  public mutating func concatenate(_ parts: Span<Value>, axis: Int) -> Value {
    let first = operands.count
    for i in parts.indices { operands.append(parts[i]) }
    return concatenate(operandsFrom: first, axis: axis)
  }

  private mutating func concatenate(operandsFrom first: Int, axis: Int) -> Value {
    precondition(first < operands.count, "concatenate: nothing to concatenate")
    let shape = shape(of: operands[first])
    precondition(axis >= 0 && axis < shape.rank, "concatenate: axis \(axis) of shape \(shape)")
    var extent = 0
    var needsGradient = false
    for i in first..<operands.count {
      let part = self.shape(of: operands[i])
      precondition(
        part.rank == shape.rank && part.replacing(axis: axis, with: shape[axis]) == shape,
        "concatenate: shapes \(shape) and \(part) along axis \(axis)")
      extent += part[axis]
      needsGradient = needsGradient || self.needsGradient(operands[i])
    }
    let y = append(
      .concatenate(
        Concatenate(firstOperand: first, count: operands.count - first, axis: Int8(axis))),
      shape.replacing(axis: axis, with: extent), needsGradient: needsGradient)
    let result = values(of: y)
    let whole = AxisBlocks(self.shape(of: y), axis: axis)
    var start = 0
    for i in first..<operands.count {
      let columns = AxisBlocks(self.shape(of: operands[i]), axis: axis).columns
      LayoutKernels.copyBlocks(
        rows: whole.outer, columns: columns, from: values(of: operands[i]), every: columns,
        into: result[start..<result.count], every: whole.columns)
      start += columns
    }
    return y
  }
}
