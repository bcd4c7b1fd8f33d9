public import Tensors

/// `norm(x + dropout(h))`. The normalized values, which the backward pass needs, take over the
/// memory of `h`, which it does not need.
struct ResidualNorm {
  let x: Value
  let h: Value
  let parameters: NormParameters
  let site: DropoutSite
  let identity: Indices?
  /// 1/deviation of each row.
  let rstd: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    let dx = tape.target(x)
    let dh = tape.target(h)
    precondition(dh?.isFresh ?? true, "residualNorm: h has another use")
    RowKernels.residualNormBackward(
      tape.incoming(y), normalized: tape.values(of: h), rstd: rstd,
      parameters.floats { tape.weights($0) }, dx: dx?.floats, dxIsFresh: dx?.isFresh ?? false,
      dh: dh?.floats, gradients: parameters.floats { tape.weightGradients($0) }, site,
      identity: identity)
    tape.blocks.giveBack(rstd)
  }
}

extension Tape {
  /// Residual connection, dropout and norm in one: `norm(x + dropout(h))`, row by row; x, h and y
  /// `[rows, width]`.
  ///
  /// `h` must be the result of a `linear`, `feedForward` or `norm` and is used up: its values are
  /// overwritten, and it must have no other use. `identity` as in `dropout`.
  public mutating func residualNorm(
    _ x: Value, _ h: Value, _ parameters: NormParameters, dropout rate: Float,
    identity: Indices?
  ) -> Value {
    let shape = shape(of: h)
    precondition(
      parameters.width == shape.columns && self.shape(of: x) == shape,
      "residualNorm: x \(self.shape(of: x)), h \(shape), gamma \(parameters.gamma.shape)")
    precondition(
      leavesItsResult(h), "residualNorm: h is not the result of linear, feedForward or norm")
    let site = dropoutSite(rate: rate)
    let rstd = blocks.take(shape.rows)
    let y = append(
      .residualNorm(
        ResidualNorm(
          x: x, h: h, parameters: parameters, site: site, identity: identity, rstd: rstd)),
      shape, needsGradient: isRecording)
    RowKernels.residualNorm(
      values(of: x), values(of: h), parameters.floats { weights($0) }, into: values(of: y),
      rstd: rstd, site, identity: identity)
    if !isRecording { blocks.giveBack(rstd) }
    return y
  }

  /// Whether the backward pass of the operation that made a value does not read the value.
  func leavesItsResult(_ value: Value) -> Bool {
    switch nodes[Int(value.index)].operation {
    case .linear, .feedForward, .norm: true
    // Feed-forward layers in 8 bits have no backward pass and are recorded as leaves.
    default: precision == .int8
    }
  }
}
