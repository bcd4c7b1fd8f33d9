public import Tensors

/// `x + dropout(h)` in the memory of `h`, which the sum takes over.
struct Residual {
  let x: Value
  let h: Value
  let site: DropoutSite
  let identity: Indices?

  func backward(_ y: Value, on tape: inout Tape) {
    let dx = tape.target(x)
    let dy = tape.incoming(y)
    RowKernels.addResidualBackward(
      dy, dx: dx?.floats, dxIsFresh: dx?.isFresh ?? false, columns: tape.shape(of: y).columns,
      site, identity: identity)
    if tape.needsGradient(h) { tape.moveGradient(from: y, to: h) }
  }
}

extension Tape {
  /// Residual connection with dropout and without a norm: `x + dropout(h)`; x, h and y `[rows,
  /// width]`. For pre-norm models.
  ///
  /// `h` must be the result of a `linear`, `feedForward` or `norm` and is used up: the sum takes over its
  /// memory, and it must have no other use. `identity` as in `dropout`.
  public mutating func residual(
    _ x: Value, _ h: Value, dropout rate: Float, identity: Indices?
  ) -> Value {
    let shape = shape(of: h)
    precondition(
      self.shape(of: x) == shape && x != h, "residual: x \(self.shape(of: x)), h \(shape)")
    precondition(leavesItsResult(h), "residual: h is not the result of linear, feedForward or norm")
    let site = dropoutSite(rate: rate)
    let y = appendOwner(
      .residual(Residual(x: x, h: h, site: site, identity: identity)), ofValuesOf: h,
      needsGradient: isRecording)
    RowKernels.addResidual(
      values(of: x), to: values(of: y), columns: shape.columns, site, identity: identity)
    return y
  }
}
