public import Tensors

/// `x · factor`, where factor is 0 with the given probability and 1/(1−rate) otherwise.
struct Dropout {
  let x: Value
  let site: DropoutSite
  let identity: Indices?

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    RowKernels.dropout(
      tape.incoming(y), into: dx.floats, columns: tape.shape(of: y).columns, site,
      identity: identity, adding: !dx.isFresh)
  }
}

extension Tape {
  /// Dropout: each value is set to 0 with probability `rate`, the others grow by 1/(1−rate).
  ///
  /// Without a `dropoutKey`, or at rate 0, this is `x` itself. The random numbers depend on the
  /// key, on the number of dropouts before it on this tape, and on the row's identity: its entry in
  /// `identity` `[rows]`, or its index.
  public mutating func dropout(_ x: Value, rate: Float, identity: Indices? = nil) -> Value {
    let site = dropoutSite(rate: rate)
    guard site.rate > 0 else { return x }
    let shape = shape(of: x)
    let y = append(
      .dropout(Dropout(x: x, site: site, identity: identity)), shape,
      needsGradient: needsGradient(x))
    RowKernels.dropout(
      values(of: x), into: values(of: y), columns: shape.columns, site, identity: identity,
      adding: false)
    return y
  }

  /// The next site at which dropout draws, or `none` if dropout is disabled. Every site is counted,
  /// so that changing one rate does not change the random numbers of the others.
  mutating func dropoutSite(rate: Float) -> DropoutSite {
    let site = nextDropoutSite()
    guard let dropoutKey, rate > 0 else { return .none }
    return DropoutSite(seed: dropoutKey.seed, step: dropoutKey.step, site: site, rate: rate)
  }
}
