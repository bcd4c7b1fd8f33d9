import CKernels

/// The kernels that only move values. Sizes are checked here, once per call; `adding` adds to the
/// destination instead of overwriting it.
package enum LayoutKernels {
  /// Copies `rows` runs of `columns` values, with a stride on either side.
  package static func copyBlocks(
    rows: Int, columns: Int, from x: Floats, every xStride: Int, into y: Floats, every yStride: Int,
    adding: Bool = false
  ) {
    guard rows > 0, columns > 0 else { return }
    precondition(
      x.count >= (rows - 1) * xStride + columns && y.count >= (rows - 1) * yStride + columns)
    unsafe ltr_copy_blocks(rows, columns, x.start, xStride, y.start, yStride, adding)
  }

  /// `x` of a shape, with two axes swapped, into `y`.
  package static func swapAxes(
    _ x: Floats, _ shape: Shape, _ first: Int, _ second: Int, into y: Floats, adding: Bool = false
  ) {
    precondition(x.count == shape.count && y.count == x.count)
    precondition(first >= 0 && first < shape.rank && second >= 0 && second < shape.rank)
    var extents: InlineArray<4, Int> = [1, 1, 1, 1]
    var strides: InlineArray<4, Int> = [0, 0, 0, 0]
    var step = 1
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      let place = axis == first ? second : axis == second ? first : axis
      extents[place + 4 - shape.rank] = shape[axis]
      strides[place + 4 - shape.rank] = step
      step *= shape[axis]
    }
    unsafe extents.span.withUnsafeBufferPointer { extents in
      unsafe strides.span.withUnsafeBufferPointer { strides in
        unsafe ltr_permute(extents.baseAddress, strides.baseAddress, x.start, y.start, adding)
      }
    }
  }

  /// Copies row `rows[i]` of `x` to row `i` of `y`.
  package static func gather(_ x: Floats, _ rows: Indices, columns: Int, into y: Floats) {
    precondition(y.count == rows.count * columns && areRows(rows, of: x, columns: columns))
    unsafe ltr_gather(rows.count, columns, rows.start, x.start, y.start)
  }

  /// Adds row `i` of `x` to row `rows[i]` of `y`.
  package static func scatter(_ x: Floats, _ rows: Indices, columns: Int, addingTo y: Floats) {
    precondition(x.count == rows.count * columns && areRows(rows, of: y, columns: columns))
    unsafe ltr_scatter(rows.count, columns, rows.start, x.start, y.start)
  }

  /// Whether all numbers are from 0 to `bound - 1`.
  package static func all(_ numbers: Indices, below bound: Int) -> Bool {
    unsafe ltr_all_below(numbers.count, numbers.start, bound)
  }

  /// Whether the numbers are strictly ascending.
  package static func rise(_ numbers: Indices) -> Bool {
    for i in 0..<max(numbers.count - 1, 0) where numbers[i] >= numbers[i + 1] { return false }
    return true
  }

  private static func areRows(_ rows: Indices, of x: Floats, columns: Int) -> Bool {
    columns == 0 || all(rows, below: x.count / columns)
  }
}
