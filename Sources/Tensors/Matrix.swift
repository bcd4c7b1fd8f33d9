import COpenBLAS

/// A view of a matrix in memory: rows of `columns` values, `stride` values apart, read as stored or
/// transposed.
package struct Matrix: Sendable {
  package let values: Floats
  package let rows: Int
  package let columns: Int
  package let stride: Int
  package private(set) var isTransposed = false

  /// The first `rows` rows of `columns` values; they follow each other unless a stride is given.
  package init(_ values: Floats, rows: Int, columns: Int, stride: Int? = nil) {
    self.values = values
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    precondition(self.stride >= columns, "rows of \(columns) values, \(self.stride) apart")
    precondition(
      rows == 0 || values.count >= (rows - 1) * self.stride + columns,
      "\(rows) rows of \(columns), \(self.stride) apart, in \(values.count) values")
  }

  /// The same values, read as the transposed matrix.
  package var transposed: Matrix {
    var other = self
    other.isTransposed.toggle()
    return other
  }

  /// Rows as they are read.
  package var height: Int { isTransposed ? columns : rows }
  /// Columns as they are read.
  package var width: Int { isTransposed ? rows : columns }

  /// `result = left · right`, or `result += left · right` where `adding`. On the calling thread.
  package static func multiply(_ left: Matrix, _ right: Matrix, into result: Matrix, adding: Bool) {
    precondition(
      left.width == right.height && result.rows == left.height && result.columns == right.width
        && !result.isTransposed,
      """
      multiplying [\(left.height), \(left.width)] by [\(right.height), \(right.width)] \
      into [\(result.rows), \(result.columns)]
      """)
    guard result.rows > 0, result.columns > 0 else { return }
    _ = singleThreaded
    unsafe cblas_sgemm(
      CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans,
      right.isTransposed ? CblasTrans : CblasNoTrans, Int32(result.rows), Int32(result.columns),
      Int32(left.width), 1, left.values.start, Int32(left.stride), right.values.start,
      Int32(right.stride), adding ? 1 : 0, result.values.start, Int32(result.stride))
  }

  /// Every worker multiplies on its own thread; the library's own threads would only get in the
  /// way.
  private static let singleThreaded: Void = openblas_set_num_threads(1)
}
