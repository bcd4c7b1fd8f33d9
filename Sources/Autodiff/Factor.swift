import Tensors

/// A matrix in the precision in which the tape's products read it: unchanged, or rounded to
/// bfloat16.
struct Factor {
  let matrix: Matrix
  /// The memory of the rounded copy.
  fileprivate let block: Floats?
}

extension Tape {
  /// The precision of the tape's products.
  public var precision: Precision { reduced?.precision ?? .f32 }

  /// A matrix as a factor. `giveBack` returns its memory.
  mutating func factor(
    _ values: Floats, rows: Int, columns: Int, isExact: Bool = false
  ) -> Factor {
    guard precision == .bf16, !isExact else {
      return Factor(matrix: Matrix(values, rows: rows, columns: columns), block: nil)
    }
    let block = blocks.take(BFloats.floats(for: (rows + spareRows(rows)) * columns))
    let rounded = BFloats(in: block, count: values.count)
    rounded.copy(rounding: values)
    return Factor(matrix: Matrix(rounded, rows: rows, columns: columns), block: block)
  }

  /// A value as a factor: all axes but the innermost are rows.
  mutating func factor(_ value: Value, isExact: Bool = false) -> Factor {
    let shape = shape(of: value)
    return factor(
      values(of: value), rows: shape.rows, columns: shape.columns, isExact: isExact)
  }

  /// Memory for a matrix that a product or a kernel writes in the precision in which products read
  /// it.
  mutating func room(rows: Int, columns: Int) -> Factor {
    let count = rows * columns
    guard precision == .bf16 else {
      let block = blocks.take(count)
      return Factor(matrix: Matrix(block, rows: rows, columns: columns), block: block)
    }
    let block = blocks.take(BFloats.floats(for: (rows + spareRows(rows)) * columns))
    return Factor(
      matrix: Matrix(BFloats(in: block, count: count), rows: rows, columns: columns), block: block)
  }

  /// A matrix in memory of the tape as a factor, which takes over the memory.
  mutating func factor(owning values: Floats, rows: Int, columns: Int) -> Factor {
    guard precision == .bf16 else {
      return Factor(matrix: Matrix(values, rows: rows, columns: columns), block: values)
    }
    let rounded = factor(values, rows: rows, columns: columns)
    blocks.giveBack(values)
    return rounded
  }

  /// The number of spare rows after the last row of a matrix: padding with undefined contents.
  func spareRows(_ rows: Int) -> Int {
    reduced == nil || rows < 2 ? 0 : ProductEngine.roundedRows(rows) - rows
  }

  /// Releases a factor's memory.
  mutating func giveBack(_ factor: Factor) {
    if let block = factor.block { blocks.giveBack(block) }
  }

  /// The weights of a parameter as a matrix, in the precision in which products read them.
  func weightFactor(_ parameter: Parameter, isExact: Bool = false) -> Matrix {
    checkIsMultiplied(parameter)
    let (rows, columns) = (parameter.shape.rows, parameter.shape.columns)
    guard let halves = reduced?.bfloats, !isExact else {
      return Matrix(weights(parameter), rows: rows, columns: columns)
    }
    return Matrix(halves[parameter.range], rows: rows, columns: columns)
  }

  /// A matrix product that adds its floating-point operations to the tape's count: `c = a · b`,
  /// plus `bias` in every row, plus the old `c` if `adding`.
  mutating func product(
    _ a: Matrix, _ b: Matrix, into c: Matrix, adding: Bool, bias: Floats? = nil
  ) {
    let engine = engine
    timed(&times.products) {
      Matrix.multiply(a, b, into: c, adding: adding, bias: bias, on: engine)
    }
    productOperations += 2 * Double(c.rows) * Double(c.columns) * Double(a.width)
  }
}
