import Tensors

/// The rows of a lookup table that have a gradient.
///
/// A step touches the rows of its items, a few thousand of tens of thousands: only these are summed
/// and measured, and rows that no step has touched yet need no averages.
struct TouchedRows {
  /// The rows of the current step, each once, in the order of their first use.
  private(set) var ofStep: [Int] = []
  private var isInStep: [Bool]
  /// Whether each row has been touched in any step.
  private(set) var ever: [Bool]

  init(rows: Int) {
    isInStep = [Bool](repeating: false, count: rows)
    ever = isInStep
    ofStep.reserveCapacity(rows)
  }

  /// Records that these rows have a gradient.
  mutating func touch(_ ids: [Int32]) {
    for id in ids { touch(id) }
  }

  /// Records that a row has a gradient.
  mutating func touch(_ id: Int32) {
    guard !isInStep[Int(id)] else { return }
    isInStep[Int(id)] = true
    ever[Int(id)] = true
    ofStep.append(Int(id))
  }

  /// Writes 1 for each row of the step and 0 for the others, `[rows]`.
  func mark(_ marks: Floats) {
    marks.fill(0)
    for row in ofStep { marks[row] = 1 }
  }

  /// Replaces the rows of the step by those with a mark above 0, `[rows]`, in ascending order.
  mutating func replace(byMarked marks: Floats) {
    endStep()
    for row in isInStep.indices where marks[row] > 0 {
      isInStep[row] = true
      ever[row] = true
      ofStep.append(row)
    }
  }

  /// Ends the step.
  mutating func endStep() {
    for row in ofStep { isInStep[row] = false }
    ofStep.removeAll(keepingCapacity: true)
  }

  /// Resets all rows to untouched.
  mutating func forget() {
    for row in ever.indices { ever[row] = false }
  }

  /// Marks exactly the rows as touched whose average of squares, `[rows, columns]`, is not zero.
  mutating func restore(_ second: Floats, columns: Int) {
    for row in ever.indices {
      ever[row] = second[row * columns..<(row + 1) * columns].sumOfSquares > 0
    }
  }

  /// Calls `body` for contiguous rows within a range that were all touched, or all not.
  func forEachRun(in rows: Range<Int>, _ body: (_ run: Range<Int>, _ isTouched: Bool) -> Void) {
    var start = rows.lowerBound
    while start < rows.upperBound {
      var end = start + 1
      while end < rows.upperBound, ever[end] == ever[start] { end += 1 }
      body(start..<end, ever[start])
      start = end
    }
  }
}
