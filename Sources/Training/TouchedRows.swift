import Tensors

/// Which rows of the table of words have a gradient.
///
/// A step touches the rows of its own tokens, a few thousand of the tens of thousands there are:
/// only they are added up and measured, and rows that no step has touched yet need no averages.
struct TouchedRows {
  /// The rows of the current step, each once, in the order of their first token.
  private(set) var ofStep: [Int] = []
  private var isInStep: [Bool]
  /// Whether a row has ever been touched.
  private(set) var ever: [Bool]

  init(rows: Int) {
    isInStep = [Bool](repeating: false, count: rows)
    ever = isInStep
    ofStep.reserveCapacity(rows)
  }

  /// The rows of these tokens have a gradient now.
  mutating func touch(_ ids: [Int32]) {
    for id in ids where !isInStep[Int(id)] {
      isInStep[Int(id)] = true
      ever[Int(id)] = true
      ofStep.append(Int(id))
    }
  }

  /// The step is over.
  mutating func endStep() {
    for row in ofStep { isInStep[row] = false }
    ofStep.removeAll(keepingCapacity: true)
  }

  /// No row was ever touched.
  mutating func forget() {
    for row in ever.indices { ever[row] = false }
  }

  /// The rows whose average of squares, `[rows, columns]`, is not zero were touched, no others.
  mutating func restore(_ second: Floats, columns: Int) {
    for row in ever.indices {
      ever[row] = second[row * columns..<(row + 1) * columns].sumOfSquares > 0
    }
  }

  /// Runs of rows that lie one after the other within a range and were all touched, or all not.
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
