import CKernels

/// The gate of a feed-forward layer: `activation(gate) · up`, value by value.
///
/// Gate and up are two matrices or the halves of one matrix's columns: they have the same row
/// stride. All values of a call have the same type.
extension RowKernels {
  /// `y = activation(gate) · up`; the rows of `y` are contiguous.
  package static func gate(_ kind: Activation, gate: Matrix, up: Matrix, into y: Matrix) {
    precondition(areHalves(gate, up, of: y) && y.stride == y.columns && !y.isTransposed)
    switch (gate.values, up.values, y.values) {
    case (.f32(let gateValues), .f32(let upValues), .f32(let values)):
      unsafe ltr_gate(
        kind.kernel, gateValues.start, upValues.start, gate.stride, values.start, y.rows,
        y.columns)
    case (.bf16(let gateValues), .bf16(let upValues), .bf16(let values)):
      unsafe ltr_gate_bf16(
        kind.kernel, gateValues.start, upValues.start, gate.stride, values.start, y.rows,
        y.columns)
    default: preconditionFailure("gate: values of two kinds")
    }
  }

  /// `y = activation(gate) · up`, and from its gradient `d` those of gate and up. The rows of `d`
  /// and `y` are contiguous; `dgate` and `dup` have the same row stride.
  package static func gateBackward(
    _ kind: Activation, gate: Matrix, up: Matrix, gradient d: Matrix, into y: Matrix,
    gateGradient dgate: Matrix, upGradient dup: Matrix
  ) {
    precondition(isAlike(d, y) && areHalves(gate, up, of: y) && areHalves(dgate, dup, of: y))
    switch (gate.values, up.values, d.values, y.values, dgate.values, dup.values) {
    case (
      .f32(let gateValues), .f32(let upValues), .f32(let slopes), .f32(let values),
      .f32(let gateSlopes), .f32(let upSlopes)
    ):
      unsafe ltr_gate_backward(
        kind.kernel, gateValues.start, upValues.start, gate.stride, slopes.start, values.start,
        gateSlopes.start, upSlopes.start, dgate.stride, y.rows, y.columns)
    case (
      .bf16(let gateValues), .bf16(let upValues), .bf16(let slopes), .bf16(let values),
      .bf16(let gateSlopes), .bf16(let upSlopes)
    ):
      unsafe ltr_gate_backward_bf16(
        kind.kernel, gateValues.start, upValues.start, gate.stride, slopes.start, values.start,
        gateSlopes.start, upSlopes.start, dgate.stride, y.rows, y.columns)
    default: preconditionFailure("gateBackward: values of two kinds")
    }
  }

  /// Whether two matrices have the rows and columns of a third and the same row stride.
  private static func areHalves(_ a: Matrix, _ b: Matrix, of y: Matrix) -> Bool {
    a.rows == y.rows && a.columns == y.columns && b.rows == y.rows && b.columns == y.columns
      && a.stride == b.stride && !a.isTransposed && !b.isTransposed
  }
}
