public import Tensors

/// Rows of which the first columns are multiplied by a factor of the length of their sequence.
struct LengthScale {
  let x: Value
  /// The rows of each sequence in `x`, and in the sequences whose lengths count.
  let rows, lengths: Indices
  let columns: Int
  let scaling: LengthScaling

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    apply(
      tape.incoming(y), width: tape.shape(of: y).columns, into: dx.floats, adding: !dx.isFresh)
  }

  /// `to = factors · from`, or added to it.
  func apply(_ from: Floats, width: Int, into to: Floats, adding: Bool) {
    for sequence in 0..<rows.count - 1 {
      let factor = scaling.factor(of: lengths[sequence + 1] - lengths[sequence])
      for row in rows[sequence]..<rows[sequence + 1] {
        let (start, middle, end) = (row * width, row * width + columns, (row + 1) * width)
        ElementwiseKernels.affine(
          from[start..<middle], scale: factor, shift: 0, into: to[start..<middle], adding: adding)
        ElementwiseKernels.affine(
          from[middle..<end], scale: 1, shift: 0, into: to[middle..<end], adding: adding)
      }
    }
  }
}

extension Tape {
  /// Multiplies the first `columns` of each row of `x` `[rows, width]` by the factor of its
  /// sequence's length: of queries, which scales their scores.
  ///
  /// - Parameters:
  ///   - rows: the offsets of the sequences in `x`, one more than sequences.
  ///   - lengths: the offsets of the same sequences with all of their tokens.
  public mutating func lengthScaled(
    _ x: Value, columns: Int, _ rows: Indices, lengths: Indices, by scaling: LengthScaling
  ) -> Value {
    let shape = shape(of: x)
    precondition(
      rows.count == lengths.count && rows.count > 0 && rows[rows.count - 1] == shape.rows
        && columns <= shape.columns,
      "lengthScaled: \(columns) columns of x \(shape), \(rows.count) and \(lengths.count) offsets")
    let operation = LengthScale(
      x: x, rows: rows, lengths: lengths, columns: columns, scaling: scaling)
    let y = append(.lengthScale(operation), shape, needsGradient: needsGradient(x))
    operation.apply(values(of: x), width: shape.columns, into: values(of: y), adding: false)
    return y
  }
}
