public import Tensors

/// Rows selected by index. Retains the indices, which belong to the tape.
struct Gather {
  let x: Value
  let rows: Indices

  func backward(_ y: Value, on tape: inout Tape) {
    let dy = tape.incoming(y)
    let columns = AxisBlocks(tape.shape(of: x), axis: 0).inner
    tape.accumulate(into: x) { dx in
      LayoutKernels.scatter(dy, rows, columns: columns, addingTo: dx)
    }
  }
}

extension Tape {
  /// `y[i] = x[rows[i]]`: from `[n, …]` and `m` indices, which may repeat, to `[m, …]`.
  ///
  /// This is an embedding lookup if `x` is a table, and first-token pooling if `rows` are the
  /// starts of sequences. Gradients are added in the order of `i`.
  public mutating func gather(_ x: Value, _ rows: Indices) -> Value {
    let shape = shape(of: x)
    precondition(
      shape.rank > 0 && LayoutKernels.all(rows, below: shape[0]),
      "gather: numbers outside the first axis of shape \(shape)")
    let y = append(
      .gather(Gather(x: x, rows: rows)), shape.replacing(axis: 0, with: rows.count),
      needsGradient: needsGradient(x))
    LayoutKernels.gather(
      values(of: x), rows, columns: AxisBlocks(shape, axis: 0).inner, into: values(of: y))
    return y
  }
}
