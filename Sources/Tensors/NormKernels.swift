import CKernels

/// The normalisation of a row before it is multiplied by `gamma`.
public enum NormKind: String, Sendable, CaseIterable {
  /// Minus the mean, divided by the standard deviation (LayerNorm: Ba et al., 2016).
  case layer
  /// Divided by the root of the mean square (RMSNorm: Zhang and Sennrich, 2019).
  case rms

  fileprivate var kernel: ltr_norm_kind {
    switch self {
    case .layer: LTR_LAYER_NORM
    case .rms: LTR_RMS_NORM
    }
  }
}

/// A norm's `gamma` and `beta` `[columns]`, or their gradients.
package struct NormWeights: Sendable {
  package let kind: NormKind
  package let gamma: Floats
  package let beta: Floats?
  package let epsilon: Float
  /// The number added to `gamma`.
  package let shift: Float

  package init(
    _ kind: NormKind, gamma: Floats, beta: Floats?, epsilon: Float, shift: Float = 0
  ) {
    precondition(
      gamma.count <= RowKernels.widestRow && (beta.map { $0.count == gamma.count } ?? true),
      "a norm of \(gamma.count) columns")
    self.kind = kind
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
    self.shift = shift
  }

  /// LayerNorm with `beta`, for which there are specialised kernels; nil for any other norm.
  var layerNorm: (gamma: Floats, beta: Floats)? {
    guard kind == .layer, shift == 0, let beta else { return nil }
    return (gamma, beta)
  }

  var kernel: ltr_norm {
    unsafe ltr_norm(
      kind: kind.kernel, epsilon: epsilon, shift: shift, gamma: UnsafePointer(gamma.start),
      beta: beta.map { unsafe UnsafePointer($0.start) })
  }

  /// As a norm of the rows of a head.
  var headKernel: ltr_head_norm {
    unsafe ltr_head_norm(gamma: UnsafePointer(gamma.start), epsilon: epsilon, shift: shift)
  }
}

extension RowKernels {
  /// `y = norm(x)`; `statistics` `[rows, 2]` is saved for the backward pass.
  package static func norm(
    _ x: Floats, _ weights: NormWeights, into y: Floats, statistics: Floats
  ) {
    let columns = weights.gamma.count
    let rows = checked(x, columns)
    precondition(y.count == x.count && statistics.count == 2 * rows)
    var norm = unsafe weights.kernel
    unsafe ltr_norm_rows(&norm, x.start, y.start, statistics.start, rows, columns)
  }

  /// Writes `dx`, or adds to it unless it is fresh; adds to the gradients of the weights.
  package static func normBackward(
    _ dy: Floats, x: Floats, _ weights: NormWeights, statistics: Floats, dx: Floats?,
    dxIsFresh: Bool, gradients: NormWeights
  ) {
    let columns = weights.gamma.count
    let rows = checked(dy, columns)
    precondition(
      x.count == dy.count && statistics.count == 2 * rows && gradients.gamma.count == columns
        && (dx.map { $0.count == dy.count } ?? true))
    var norm = unsafe weights.kernel
    unsafe ltr_norm_rows_backward(
      &norm, dy.start, x.start, statistics.start, dx?.start, dxIsFresh, gradients.gamma.start,
      gradients.beta?.start, rows, columns)
  }

  /// `y = norm(x + dropout(h))`. `h` is overwritten with the normalised rows, which the backward
  /// pass needs, and `rstd` `[rows]` is written.
  package static func residualNorm(
    _ x: Floats, _ h: Floats, _ weights: NormWeights, into y: Floats, rstd: Floats,
    _ site: DropoutSite, identity: Indices?
  ) {
    let columns = weights.gamma.count
    let rows = checked(h, columns)
    precondition(
      x.count == h.count && y.count == h.count && rstd.count == rows
        && (identity.map { $0.count == rows } ?? true))
    if let (gamma, beta) = weights.layerNorm {
      unsafe ltr_residual_layer_norm(
        x.start, h.start, gamma.start, beta.start, y.start, rstd.start, rows, columns,
        weights.epsilon, site.kernel, identity?.start)
    } else {
      var norm = unsafe weights.kernel
      unsafe ltr_residual_norm(
        &norm, x.start, h.start, y.start, rstd.start, rows, columns, site.kernel, identity?.start)
    }
  }

  /// Writes `dh`, writes `dx` or adds to it unless it is fresh, and adds to the gradients of the
  /// weights.
  package static func residualNormBackward(
    _ dy: Floats, normalized: Floats, rstd: Floats, _ weights: NormWeights, dx: Floats?,
    dxIsFresh: Bool, dh: Floats?, gradients: NormWeights, _ site: DropoutSite, identity: Indices?
  ) {
    let columns = weights.gamma.count
    let rows = checked(dy, columns)
    precondition(
      normalized.count == dy.count && rstd.count == rows && gradients.gamma.count == columns
        && (dx.map { $0.count == dy.count } ?? true) && (dh.map { $0.count == dy.count } ?? true)
        && (identity.map { $0.count == rows } ?? true))
    if let (gamma, _) = weights.layerNorm, let dbeta = gradients.beta {
      unsafe ltr_residual_layer_norm_backward(
        dy.start, normalized.start, rstd.start, gamma.start, dx?.start, dxIsFresh, dh?.start,
        gradients.gamma.start, dbeta.start, rows, columns, site.kernel, identity?.start)
    } else {
      var norm = unsafe weights.kernel
      unsafe ltr_residual_norm_backward(
        &norm, dy.start, normalized.start, rstd.start, dx?.start, dxIsFresh, dh?.start,
        gradients.gamma.start, gradients.beta?.start, rows, columns, site.kernel, identity?.start)
    }
  }

  /// `h = x + dropout(h)`, in place.
  package static func addResidual(
    _ x: Floats, to h: Floats, columns: Int, _ site: DropoutSite, identity: Indices?
  ) {
    let rows = checked(h, columns)
    precondition(x.count == h.count && (identity.map { $0.count == rows } ?? true))
    unsafe ltr_add_residual(x.start, h.start, rows, columns, site.kernel, identity?.start)
  }

  /// `d` is the gradient of the sum and becomes that of `h`, in place; `dx` is overwritten, or
  /// added to unless it is fresh.
  package static func addResidualBackward(
    _ d: Floats, dx: Floats?, dxIsFresh: Bool, columns: Int, _ site: DropoutSite,
    identity: Indices?
  ) {
    let rows = checked(d, columns)
    precondition(
      (dx.map { $0.count == d.count } ?? true) && (identity.map { $0.count == rows } ?? true))
    unsafe ltr_add_residual_backward(
      d.start, dx?.start, dxIsFresh, rows, columns, site.kernel, identity?.start)
  }
}
