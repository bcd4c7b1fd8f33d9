import CKernels

/// Consecutive lists of rows: all of one length, or ragged between given offsets.
package struct Lists: Sendable {
  /// The number of lists.
  package let count: Int
  /// The total number of rows.
  package let rows: Int
  private let length: Int
  private let offsets: Indices?

  /// `count` lists of `length` rows.
  package init(count: Int, length: Int) {
    precondition(count >= 0 && length >= 0)
    self.count = count
    self.length = length
    rows = count * length
    offsets = nil
  }

  /// List `l` has the rows from `offsets[l]` up to `offsets[l + 1]`. Nil if offsets do not begin at
  /// 0, decrease, or do not end at `rows`.
  package init?(offsets: Indices, rows: Int) {
    guard unsafe ltr_are_offsets(offsets.count, offsets.start, rows) else { return nil }
    count = offsets.count - 1
    length = 0
    self.rows = rows
    self.offsets = offsets
  }

  var kernel: ltr_lists {
    unsafe ltr_lists(
      count: count, length: length, offsets: offsets.map { unsafe UnsafePointer($0.start) })
  }
}

/// The kernels over lists of rows. Sizes are checked here, once per call; `adding` adds to the
/// destination instead of overwriting it. `width` is the number of values per row.
package enum ReductionKernels {
  package static func sum(
    _ x: Floats, _ lists: Lists, width: Int, mean: Bool, into y: Floats, adding: Bool = false
  ) {
    precondition(x.count == lists.rows * width && y.count == lists.count * width)
    precondition(!(mean && adding), "a mean is written, not added")
    unsafe ltr_sum(lists.kernel, width, mean, x.start, y.start, adding)
  }

  /// Sets every row of a list to the list's value; with `mean`, to that divided by the number of
  /// rows.
  package static func spread(
    _ x: Floats, _ lists: Lists, width: Int, mean: Bool, into y: Floats, adding: Bool = false
  ) {
    precondition(x.count == lists.count * width && y.count == lists.rows * width)
    unsafe ltr_spread(lists.kernel, width, mean, x.start, y.start, adding)
  }

  package static func max(_ x: Floats, _ lists: Lists, width: Int, into y: Floats) {
    precondition(x.count == lists.rows * width && y.count == lists.count * width)
    unsafe ltr_max(lists.kernel, width, x.start, y.start)
  }

  package static func maxBackward(
    x: Floats, y: Floats, dy: Floats, _ lists: Lists, width: Int, into dx: Floats, adding: Bool
  ) {
    precondition(x.count == lists.rows * width && dx.count == x.count)
    precondition(y.count == lists.count * width && dy.count == y.count)
    unsafe ltr_max_backward(lists.kernel, width, x.start, y.start, dy.start, dx.start, adding)
  }

  package static func softmax(_ x: Floats, _ lists: Lists, logarithm: Bool, into y: Floats) {
    precondition(x.count == lists.rows && y.count == x.count)
    if logarithm {
      unsafe ltr_log_softmax(lists.kernel, x.start, y.start)
    } else {
      unsafe ltr_softmax(lists.kernel, x.start, y.start)
    }
  }

  package static func softmaxBackward(
    y: Floats, dy: Floats, _ lists: Lists, logarithm: Bool, into dx: Floats, adding: Bool
  ) {
    precondition(y.count == lists.rows && dy.count == y.count && dx.count == y.count)
    if logarithm {
      unsafe ltr_log_softmax_backward(lists.kernel, y.start, dy.start, dx.start, adding)
    } else {
      unsafe ltr_softmax_backward(lists.kernel, y.start, dy.start, dx.start, adding)
    }
  }
}
