import COneDNN
import COpenBLAS

/// A view of a matrix in memory: rows of `columns` values with a distance of `stride` values, read
/// as stored or transposed.
package struct Matrix: Sendable {
  /// The values of a matrix, with their type.
  package enum Values: Sendable {
    case f32(Floats)
    case bf16(BFloats)

    var count: Int {
      switch self {
      case .f32(let floats): floats.count
      case .bf16(let bfloats): bfloats.count
      }
    }

    var spare: Int {
      switch self {
      case .f32(let floats): floats.spare
      case .bf16(let bfloats): bfloats.spare
      }
    }
  }

  package let values: Values
  package let rows: Int
  package let columns: Int
  package let stride: Int
  /// The number of padding rows after the last, whose contents are undefined. A product may write
  /// them, and reads them if that gives it a shape that is already compiled.
  package private(set) var spareRows = 0
  package private(set) var isTransposed = false

  /// A matrix of `rows` rows of `columns` values; rows are contiguous unless a stride is given.
  package init(_ values: Floats, rows: Int, columns: Int, stride: Int? = nil) {
    self.init(.f32(values), rows: rows, columns: columns, stride: stride)
  }

  /// A matrix of bfloat16 numbers.
  package init(_ values: BFloats, rows: Int, columns: Int, stride: Int? = nil) {
    self.init(.bf16(values), rows: rows, columns: columns, stride: stride)
  }

  private init(_ values: Values, rows: Int, columns: Int, stride: Int?) {
    self.values = values
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    precondition(self.stride >= columns, "rows of \(columns) values, \(self.stride) apart")
    precondition(
      rows == 0 || values.count >= (rows - 1) * self.stride + columns,
      "\(rows) rows of \(columns), \(self.stride) apart, in \(values.count) values")
    if columns > 0, self.stride == columns, values.count == rows * columns {
      spareRows = values.spare / columns
    }
  }

  /// The same values, read as the transposed matrix.
  package var transposed: Matrix {
    var other = self
    other.isTransposed.toggle()
    return other
  }

  /// A range of rows, sharing memory.
  package func rows(_ range: Range<Int>) -> Matrix {
    precondition(!isTransposed && range.lowerBound >= 0 && range.upperBound <= rows)
    let from = range.lowerBound * stride
    let to = range.isEmpty ? from : (range.upperBound - 1) * stride + columns
    var part =
      switch values {
      case .f32(let floats):
        Matrix(floats[from..<to], rows: range.count, columns: columns, stride: stride)
      case .bf16(let bfloats):
        Matrix(bfloats[from..<to], rows: range.count, columns: columns, stride: stride)
      }
    if range.upperBound == rows { part.spareRows = spareRows }
    return part
  }

  /// The first rows, sharing memory; the others become padding.
  package func prefix(_ count: Int) -> Matrix {
    var part = rows(0..<count)
    part.spareRows = rows + spareRows - count
    return part
  }

  /// A range of columns of all rows, sharing memory.
  package func columns(_ range: Range<Int>) -> Matrix {
    precondition(!isTransposed && range.lowerBound >= 0 && range.upperBound <= columns)
    guard rows > 0 else { return Matrix(values, rows: 0, columns: range.count, stride: stride) }
    let to = (rows - 1) * stride + range.upperBound
    var part =
      switch values {
      case .f32(let floats):
        Matrix(floats[range.lowerBound..<to], rows: rows, columns: range.count, stride: stride)
      case .bf16(let bfloats):
        Matrix(bfloats[range.lowerBound..<to], rows: rows, columns: range.count, stride: stride)
      }
    part.spareRows = spareRows
    return part
  }

  /// The number of rows as read.
  package var height: Int { isTransposed ? columns : rows }
  /// The number of columns as read.
  package var width: Int { isTransposed ? rows : columns }

  /// `result = left · right`, plus `bias` in every row if there is one, plus `result` if `adding`.
  /// Runs on the calling thread.
  ///
  /// Both operands have the same type: `Float`, with a result in `Float`, or bfloat16, which is
  /// summed in `Float` for a result of either type and needs an engine.
  package static func multiply(
    _ left: Matrix, _ right: Matrix, into result: Matrix, adding: Bool, bias: Floats? = nil,
    on engine: ProductEngine? = nil
  ) {
    precondition(
      left.width == right.height && result.rows == left.height && result.columns == right.width
        && !result.isTransposed && (bias.map { $0.count == result.columns } ?? true),
      """
      multiplying [\(left.height), \(left.width)] by [\(right.height), \(right.width)] \
      into [\(result.rows), \(result.columns)]
      """)
    guard result.rows > 0, result.columns > 0 else { return }
    switch (left.values, right.values, result.values) {
    case (.f32(let a), .f32(let b), .f32(let c)):
      _ = singleThreaded
      if let bias {
        precondition(!adding && result.stride == result.columns, "a bias is added to nothing else")
        RowKernels.repeatRow(bias, into: c[0..<result.rows * result.columns])
      }
      unsafe cblas_sgemm(
        CblasRowMajor, left.isTransposed ? CblasTrans : CblasNoTrans,
        right.isTransposed ? CblasTrans : CblasNoTrans, Int32(result.rows), Int32(result.columns),
        Int32(left.width), 1, a.start, Int32(left.stride), b.start, Int32(right.stride),
        adding || bias != nil ? 1 : 0, c.start, Int32(result.stride))
    case (.bf16(let a), .bf16(let b), .f32(let c)):
      unsafe engine.required.multiply(
        .init(left, right, result, LTR_BF16_TO_F32, adding: adding, bias: bias), a.start, b.start,
        bias, c.start)
    case (.bf16(let a), .bf16(let b), .bf16(let c)):
      unsafe engine.required.multiply(
        .init(left, right, result, LTR_BF16_TO_BF16, adding: adding, bias: bias), a.start,
        b.start, bias, c.start)
    default: preconditionFailure("the operands of a product are of two kinds")
    }
  }

  /// Every worker multiplies on its own thread; the library's own threads would interfere.
  private static let singleThreaded: Void = openblas_set_num_threads(1)
}
