import COneDNN

/// The products of one worker in less than 32 bits: by oneDNN, on the worker's own thread.
///
/// A product is compiled for its shape at its first use, which takes a fraction of a millisecond,
/// and cached. Threads must not share an engine.
@safe package final class ProductEngine {
  private let context: OpaquePointer

  /// An engine.
  package init() {
    guard let context = unsafe ltr_onednn_create() else {
      preconditionFailure("oneDNN \(ProductEngine.version) does not start")
    }
    unsafe self.context = context
  }

  deinit { unsafe ltr_onednn_destroy(context) }

  /// Whether this processor has instructions for products of bfloat16 numbers.
  package static let hasBF16 = ltr_onednn_has_bf16()
  /// Whether this processor has instructions for products of 8-bit numbers.
  package static let hasInt8 = ltr_onednn_has_int8()
  /// The library's version.
  package static var version: String { unsafe String(cString: ltr_onednn_version()) }

  /// The number of cached compiled products.
  package var compiledProducts: Int { unsafe Int(ltr_onednn_products(context)) }

  /// The number of rows rounded up to one for which products are compiled. A batch has as many rows
  /// as tokens, and hardly two batches have the same number.
  package static func roundedRows(_ rows: Int) -> Int { (rows + 31) / 32 * 32 }

  func multiply(
    _ product: ltr_onednn_product, _ left: UnsafeRawPointer, _ right: UnsafeRawPointer,
    _ bias: Floats?, _ result: UnsafeMutableRawPointer
  ) {
    var product = product
    let status = unsafe ltr_onednn_multiply(context, &product, left, right, bias?.start, result)
    precondition(
      status == 0,
      "oneDNN \(ProductEngine.version) failed with status \(status) on a product of \(product)")
  }
}

extension ProductEngine? {
  var required: ProductEngine {
    guard let self else { preconditionFailure("a product in 16 bits without an engine") }
    return self
  }
}

extension ltr_onednn_product {
  init(
    _ left: Matrix, _ right: Matrix, _ result: Matrix, _ kind: ltr_onednn_kind, adding: Bool,
    bias: Floats?
  ) {
    self.init(
      kind: Int32(kind.rawValue), rows: Int32(result.rows), columns: Int32(result.columns),
      inner: Int32(left.width), left_stride: Int32(left.stride), right_stride: Int32(right.stride),
      result_stride: Int32(result.stride), left_transposed: left.isTransposed ? 1 : 0,
      right_transposed: right.isTransposed ? 1 : 0, adds: adding ? 1 : 0,
      has_bias: bias == nil ? 0 : 1)
    round(left, right, result)
  }

  /// Includes padding rows in the product if that rounds its number of rows up: padding of the
  /// result gets undefined values; padding that is summed over is set to zero first.
  private mutating func round(_ left: Matrix, _ right: Matrix, _ result: Matrix) {
    if left.isTransposed, !right.isTransposed {
      let extra = ProductEngine.roundedRows(left.rows) - left.rows
      guard extra > 0, left.spareRows >= extra, right.spareRows >= extra else { return }
      left.clearSpareRows(extra)
      right.clearSpareRows(extra)
      inner += Int32(extra)
    } else if !left.isTransposed {
      let extra = ProductEngine.roundedRows(result.rows) - result.rows
      guard extra > 0, left.spareRows >= extra, result.spareRows >= extra else { return }
      rows += Int32(extra)
    }
  }
}

extension Matrix {
  /// Sets the first padding rows to 0.
  fileprivate func clearSpareRows(_ count: Int) {
    precondition(count <= spareRows)
    for row in rows..<rows + count {
      switch values {
      case .f32(let floats):
        unsafe (floats.start + row * stride).update(repeating: 0, count: columns)
      case .bf16(let bfloats):
        unsafe (bfloats.start + row * stride).update(repeating: 0, count: columns)
      }
    }
  }
}
