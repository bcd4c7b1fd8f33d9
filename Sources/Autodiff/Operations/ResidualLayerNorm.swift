public import Tensors

/// `gamma · normalized(x + dropout(h)) + beta`. The memory of `h` is taken over for the normalized
/// values, which the backward pass needs and `h` itself nobody.
struct ResidualLayerNorm {
  let x: Value?
  let h: Value
  let gamma, beta: Parameter
  let site: DropoutSite
  let identity: Indices?
  /// 1/deviation of each row.
  let rstd: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    let dx = x.flatMap { tape.target($0) }
    let dh = tape.target(h)
    precondition(dh?.isFresh ?? true, "residualLayerNorm: h has another use")
    RowKernels.residualLayerNormBackward(
      tape.incoming(y), normalized: tape.values(of: h), rstd: rstd, gamma: tape.weights(gamma),
      dx: dx?.floats, dxIsFresh: dx?.isFresh ?? false, dh: dh?.floats,
      dgamma: tape.weightGradients(gamma), dbeta: tape.weightGradients(beta), site,
      identity: identity)
    tape.blocks.giveBack(rstd)
  }
}

extension Tape {
  /// Residual connection, dropout and LayerNorm in one: `LayerNorm(x + dropout(h))`, row by row;
  /// x, h and y `[rows, width]`, gamma and beta `[width]`. `x` may be left out.
  ///
  /// `h` must be the result of a `linear` or `feedForward` and is used up: its values are
  /// overwritten, and it must have no other use. `identity` as in `dropout`.
  public mutating func residualLayerNorm(
    _ x: Value?, _ h: Value, gamma: Parameter, beta: Parameter, epsilon: Float,
    dropout rate: Float, identity: Indices?
  ) -> Value {
    let shape = shape(of: h)
    precondition(
      gamma.shape.count == shape.columns && beta.shape.count == shape.columns
        && x.map { self.shape(of: $0) == shape } ?? true,
      "residualLayerNorm: h \(shape), gamma \(gamma.shape)")
    precondition(
      precision == .int8 || leavesItsResult(h),
      "residualLayerNorm: h is not the result of a linear layer")
    let site = dropoutSite(rate: rate)
    let rstd = blocks.take(shape.rows)
    let y = append(
      .residualLayerNorm(
        ResidualLayerNorm(
          x: x, h: h, gamma: gamma, beta: beta, site: site, identity: identity, rstd: rstd)),
      shape, needsGradient: isRecording)
    RowKernels.residualLayerNorm(
      x.map { values(of: $0) }, values(of: h), gamma: weights(gamma), beta: weights(beta),
      into: values(of: y), rstd: rstd, epsilon: epsilon, site, identity: identity)
    if !isRecording { blocks.giveBack(rstd) }
    return y
  }

  /// Whether the operation that made a value does not look at it again in its backward pass.
  private func leavesItsResult(_ value: Value) -> Bool {
    switch nodes[Int(value.index)].operation {
    case .linear, .feedForward: true
    default: false
    }
  }
}
