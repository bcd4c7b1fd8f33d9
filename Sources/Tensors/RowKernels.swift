import CKernels

/// The random stream of one dropout operation.
package struct DropoutSite: Sendable {
  package var seed: UInt64
  package var step: UInt32
  package var site: UInt32
  package var rate: Float

  package init(seed: UInt64, step: UInt32, site: UInt32, rate: Float) {
    precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate)")
    self.seed = seed
    self.step = step
    self.site = site
    self.rate = rate
  }

  /// No dropout.
  package static let none = DropoutSite(seed: 0, step: 0, site: 0, rate: 0)

  var kernel: ltr_dropout { ltr_dropout(seed: seed, step: step, site: site, rate: rate) }
}

/// The activation between the two products of a feed-forward layer.
public enum Activation: String, Sendable, CaseIterable {
  /// u·Φ(u) with the error function.
  case gelu
  /// Its approximation by tanh (`gelu_new` in model configurations).
  case geluTanh = "gelu_new"
  /// max(u, 0).
  case relu
  /// u·sigmoid(u), also called swish (Elfwing et al., 2018).
  case silu

  var kernel: ltr_activation {
    switch self {
    case .gelu: LTR_GELU
    case .geluTanh: LTR_GELU_TANH
    case .relu: LTR_RELU
    case .silu: LTR_SILU
    }
  }
}

/// The row kernels for Swift: shapes are checked here, once per call.
package enum RowKernels {
  /// The maximum row width of LayerNorm and embedding.
  package static let widestRow = Int(LTR_WIDEST_ROW)

  package static func dropout(
    _ x: Floats, into y: Floats, columns: Int, _ site: DropoutSite, identity: Indices?, adding: Bool
  ) {
    let rows = checked(x, columns)
    precondition(y.count == x.count && (identity.map { $0.count == rows } ?? true))
    unsafe ltr_dropout_rows(
      x.start, y.start, rows, columns, site.kernel, identity?.start, adding)
  }

  package static func repeatRow(_ row: Floats, into y: Floats) {
    unsafe ltr_repeat_row(row.start, y.start, checked(y, row.count), row.count)
  }

  package static func addColumnSums(_ x: Floats, to sums: Floats) {
    unsafe ltr_add_column_sums(x.start, sums.start, checked(x, sums.count), sums.count)
  }

  /// Adds the column sums of a matrix with contiguous rows.
  package static func addColumnSums(_ x: Matrix, to sums: Floats) {
    precondition(x.columns == sums.count && x.stride == x.columns && !x.isTransposed)
    switch x.values {
    case .f32(let floats): unsafe ltr_add_column_sums(floats.start, sums.start, x.rows, x.columns)
    case .bf16(let bfloats):
      unsafe ltr_add_column_sums_bf16(bfloats.start, sums.start, x.rows, x.columns)
    }
  }

  /// `y = activation(u)`, both of the same type and size, with contiguous rows.
  package static func activate(_ kind: Activation, _ u: Matrix, into y: Matrix) {
    precondition(isAlike(u, y))
    switch (u.values, y.values) {
    case (.f32(let u), .f32(let y)): unsafe ltr_activate(kind.kernel, u.start, y.start, y.count)
    case (.bf16(let u), .bf16(let y)):
      unsafe ltr_activate_bf16(kind.kernel, u.start, y.start, y.count)
    default: preconditionFailure("activate: two kinds of values")
    }
  }

  /// `y = activation(u)`, `d *= activation'(u)`, all of the same type and size.
  package static func activateBackward(
    _ kind: Activation, _ u: Matrix, into y: Matrix, gradient d: Matrix
  ) {
    precondition(isAlike(u, y) && isAlike(u, d))
    switch (u.values, y.values, d.values) {
    case (.f32(let u), .f32(let y), .f32(let d)):
      unsafe ltr_activate_backward(kind.kernel, u.start, y.start, d.start, y.count)
    case (.bf16(let u), .bf16(let y), .bf16(let d)):
      unsafe ltr_activate_backward_bf16(kind.kernel, u.start, y.start, d.start, y.count)
    default: preconditionFailure("activateBackward: two kinds of values")
    }
  }

  static func isAlike(_ a: Matrix, _ b: Matrix) -> Bool {
    a.rows == b.rows && a.columns == b.columns && a.stride == a.columns && b.stride == b.columns
      && !a.isTransposed && !b.isTransposed
  }

  static func checked(_ x: Floats, _ columns: Int) -> Int {
    precondition(columns > 0 && x.count % columns == 0, "\(x.count) values in rows of \(columns)")
    return x.count / columns
  }
}
