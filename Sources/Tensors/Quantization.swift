import CKernels
import COneDNN

/// Rows of 8-bit numbers with a scale and a zero point per row, in memory of a different owner.
@safe package struct QuantizedRows: @unchecked Sendable {
  package let rows: Int
  package let columns: Int
  /// The number of padding rows after the last, whose contents are undefined.
  fileprivate let spareRows: Int
  fileprivate let values: UnsafeMutablePointer<UInt8>
  fileprivate let scales: UnsafeMutablePointer<Float>
  fileprivate let zeros: UnsafeMutablePointer<Int32>

  /// The number of `Float`s that occupy the same memory.
  package static func floats(rows: Int, columns: Int) -> Int {
    (rows * columns + 3) / 4 + 2 * rows
  }

  /// Rows in memory allocated for `Float`s; the rest of it is padding.
  package init(in block: Floats, rows: Int, columns: Int) {
    precondition(block.count >= Self.floats(rows: rows, columns: columns))
    self.rows = rows
    self.columns = columns
    spareRows = (4 * block.count - 8 * rows) / max(columns, 1) - rows
    let start = unsafe UnsafeMutableRawPointer(block.start)
    unsafe scales = start.assumingMemoryBound(to: Float.self)
    unsafe zeros = (start + 4 * rows).assumingMemoryBound(to: Int32.self)
    unsafe values = (start + 8 * rows).assumingMemoryBound(to: UInt8.self)
  }

  /// Copies rows of `x`, each rounded with its own scale.
  package func copy(rounding x: Floats) {
    precondition(x.count == rows * columns)
    unsafe ltr_quantize_rows(x.start, values, scales, zeros, rows, columns)
  }
}

/// Weights in 8 bits, with a scale for each output channel: `[out, in]`.
@safe package struct QuantizedWeights: @unchecked Sendable {
  package let rows: Int
  package let columns: Int
  fileprivate let values: UnsafeMutablePointer<Int8>
  fileprivate let scales: UnsafeMutablePointer<Float>
  fileprivate let sums: UnsafeMutablePointer<Int32>

  fileprivate func channels(_ bias: Floats, from first: Int = 0) -> ltr_channels {
    precondition(bias.count == rows && first <= rows)
    return unsafe ltr_channels(
      scales: scales + first, sums: sums + first, bias: bias.start + first)
  }
}

/// Memory for a model's weights in 8 bits.
package final class QuantizedStorage: Sendable {
  private let values: Storage
  private let scales: Storage
  private let sums: Storage

  /// Memory for `count` weights in `channels` channels.
  package init(count: Int, channels: Int) {
    values = Storage(count: (count + 3) / 4)
    scales = Storage(count: channels)
    sums = Storage(count: channels)
  }

  /// A range of rows, given by the offset of their values and their first channel.
  package func weights(offset: Int, channel: Int, rows: Int, columns: Int) -> QuantizedWeights {
    precondition(
      offset + rows * columns <= 4 * values.floats.count && channel + rows <= scales.floats.count)
    let bytes = unsafe UnsafeMutableRawPointer(values.floats.start) + offset
    let totals = unsafe UnsafeMutableRawPointer(sums.floats.start) + 4 * channel
    return unsafe QuantizedWeights(
      rows: rows, columns: columns, values: bytes.assumingMemoryBound(to: Int8.self),
      scales: scales.floats.start + channel, sums: totals.assumingMemoryBound(to: Int32.self))
  }
}

extension QuantizedWeights {
  /// Copies the weights `w`, each row rounded with its own scale.
  package func copy(rounding w: Floats) {
    precondition(w.count == rows * columns)
    unsafe ltr_quantize_channels(w.start, values, scales, sums, rows, columns)
  }
}

/// The steps of products in 8 bits.
package enum QuantizedKernels {
  /// `sums = x · wᵀ` in integers; `sums` is memory allocated for `Float`s, `[x.rows, w.rows]`.
  package static func multiply(
    _ x: QuantizedRows, _ w: QuantizedWeights, into sums: Floats, on engine: ProductEngine
  ) {
    precondition(x.columns == w.columns && sums.count == x.rows * w.rows)
    guard x.rows > 0 else { return }
    var rows = ProductEngine.roundedRows(x.rows)
    let extra = rows - x.rows
    if x.spareRows < extra || sums.spare < extra * w.rows { rows = x.rows }
    let product = ltr_onednn_product(
      kind: Int32(LTR_U8_S8_TO_S32.rawValue), rows: Int32(rows), columns: Int32(w.rows),
      inner: Int32(x.columns), left_stride: Int32(x.columns), right_stride: Int32(w.columns),
      result_stride: Int32(w.rows), left_transposed: 0, right_transposed: 1, adds: 0, has_bias: 0)
    unsafe engine.multiply(product, x.values, w.values, nil, sums.start)
  }

  /// `y` = the product of `x` and `w` in `sums`, plus bias.
  package static func dequantize(
    _ sums: Floats, _ x: QuantizedRows, _ w: QuantizedWeights, bias: Floats, into y: Floats
  ) {
    precondition(sums.count == x.rows * w.rows && y.count == sums.count)
    var channels = unsafe w.channels(bias)
    unsafe ltr_dequantize_rows(
      wholes(sums), x.scales, x.zeros, &channels, y.start, x.rows, w.rows)
  }

  /// `y` = activation(the product of `x` and `w` in `sums`, plus bias), rounded again. `row` is
  /// working memory for one row; `y` may have the scales of `x`.
  package static func activate(
    _ kind: Activation, _ sums: Floats, _ x: QuantizedRows, _ w: QuantizedWeights, bias: Floats,
    into y: QuantizedRows, row: Floats
  ) {
    precondition(
      sums.count == x.rows * w.rows && y.rows == x.rows && y.columns == w.rows
        && row.count >= w.rows)
    unsafe y.scales.update(from: x.scales, count: x.rows)
    unsafe y.zeros.update(from: x.zeros, count: x.rows)
    var channels = unsafe w.channels(bias)
    unsafe ltr_activate_quantized(
      kind.kernel, wholes(sums), y.scales, y.zeros, &channels, y.values, row.start, x.rows,
      w.rows)
  }

  /// `y` = activation(gate) · up, rounded again, for one product `sums` of `x` and `w` with the
  /// gate in the left half of the columns and up in the right half. `row` is working memory for one
  /// row.
  package static func gate(
    _ kind: Activation, _ sums: Floats, _ x: QuantizedRows, _ w: QuantizedWeights, bias: Floats,
    into y: QuantizedRows, row: Floats
  ) {
    let inner = y.columns
    precondition(w.rows == 2 * inner && sums.count == x.rows * w.rows && bias.count == w.rows)
    unsafe gate(
      kind, (sums, w.channels(bias)), (sums[inner..<sums.count], w.channels(bias, from: inner)),
      stride: 2 * inner, x, into: y, row: row)
  }

  /// `y` = activation(gate) · up, rounded again, for separate products of gate and up, each with
  /// its own sums, weights and bias.
  package static func gate(
    _ kind: Activation, gate: (sums: Floats, weights: QuantizedWeights, bias: Floats),
    up: (sums: Floats, weights: QuantizedWeights, bias: Floats), _ x: QuantizedRows,
    into y: QuantizedRows, row: Floats
  ) {
    let inner = y.columns
    precondition(
      gate.weights.rows == inner && up.weights.rows == inner && gate.sums.count == x.rows * inner
        && up.sums.count == x.rows * inner)
    unsafe self.gate(
      kind, (gate.sums, gate.weights.channels(gate.bias)), (up.sums, up.weights.channels(up.bias)),
      stride: inner, x, into: y, row: row)
  }

  private static func gate(
    _ kind: Activation, _ gate: (Floats, ltr_channels), _ up: (Floats, ltr_channels), stride: Int,
    _ x: QuantizedRows, into y: QuantizedRows, row: Floats
  ) {
    precondition(y.rows == x.rows && row.count >= 2 * y.columns)
    unsafe y.scales.update(from: x.scales, count: x.rows)
    unsafe y.zeros.update(from: x.zeros, count: x.rows)
    var gateChannels = unsafe gate.1
    var upChannels = unsafe up.1
    unsafe ltr_gate_quantized(
      kind.kernel, wholes(gate.0), wholes(up.0), stride, y.scales, y.zeros, &gateChannels,
      &upChannels, y.values, row.start, x.rows, y.columns)
  }

  private static func wholes(_ floats: Floats) -> UnsafePointer<Int32> {
    unsafe UnsafeRawPointer(floats.start).assumingMemoryBound(to: Int32.self)
  }
}
