import Tensors

/// `a · b` or `a · bᵀ`, of two matrices or of each pair in a batch. Retains only its operands: `da
/// = dy · bᵀ`, `db = aᵀ · dy`.
struct MatrixProduct {
  let a: Value
  let b: Value
  let transposesRight: Bool

  func backward(_ y: Value, on tape: inout Tape) {
    let batch = tape.batch(of: self)
    let dy = tape.incoming(y)
    let aValues = tape.values(of: a)
    let bValues = tape.values(of: b)
    if let da = tape.target(a) {
      for i in 0..<batch.count {
        Matrix.multiply(
          batch.y(dy, i), batch.right(bValues, i).transposed, into: batch.left(da.floats, i),
          adding: !da.isFresh)
      }
      tape.productOperations += batch.operations
    }
    if let db = tape.target(b) {
      for i in 0..<batch.count {
        let left = batch.left(aValues, i)
        let dy = batch.y(dy, i)
        Matrix.multiply(
          transposesRight ? dy.transposed : left.transposed, transposesRight ? left : dy,
          into: batch.storedRight(db.floats, i), adding: !db.isFresh)
      }
      tape.productOperations += batch.operations
    }
  }

  /// `count` products of `[rows, inner]` and `[inner, columns]`.
  fileprivate struct Batch {
    let count: Int
    let rows: Int
    let inner: Int
    let columns: Int
    let transposesRight: Bool

    var operations: Double {
      2 * Double(count) * Double(rows) * Double(inner) * Double(columns)
    }

    func left(_ values: Floats, _ i: Int) -> Matrix { part(values, i, rows, inner) }

    func y(_ values: Floats, _ i: Int) -> Matrix { part(values, i, rows, columns) }

    /// The right operand as stored.
    func storedRight(_ values: Floats, _ i: Int) -> Matrix {
      transposesRight ? part(values, i, columns, inner) : part(values, i, inner, columns)
    }

    /// The right operand as `[inner, columns]`.
    func right(_ values: Floats, _ i: Int) -> Matrix {
      transposesRight ? storedRight(values, i).transposed : storedRight(values, i)
    }

    private func part(_ values: Floats, _ i: Int, _ rows: Int, _ columns: Int) -> Matrix {
      Matrix(
        values[i * rows * columns..<(i + 1) * rows * columns], rows: rows, columns: columns)
    }
  }
}

extension Tape {
  /// The matrix product `a · b`, or `a · bᵀ` with `transposingRight`.
  ///
  /// - `[m, k] · [k, n]` gives `[m, n]`.
  /// - `[batch, m, k] · [batch, k, n]` gives `[batch, m, n]`, pair by pair.
  /// - `[batch, m, k] · [k, n]` gives `[batch, m, n]`: all matrices on the left share the right
  ///   one.
  ///
  /// With `transposingRight` the last two axes of `b` are `n, k`. No extent may be 0.
  public mutating func matmul(
    _ a: Value, _ b: Value, transposingRight: Bool = false
  ) -> Value {
    let operation = MatrixProduct(a: a, b: b, transposesRight: transposingRight)
    let batch = batch(of: operation)
    let shape = shape(of: a)
    let y = append(
      .matrixProduct(operation), shape.replacing(axis: shape.rank - 1, with: batch.columns),
      needsGradient: needsGradient(a) || needsGradient(b))
    let left = values(of: a)
    let right = values(of: b)
    let result = values(of: y)
    for i in 0..<batch.count {
      Matrix.multiply(
        batch.left(left, i), batch.right(right, i), into: batch.y(result, i), adding: false)
    }
    productOperations += batch.operations
    return y
  }

  fileprivate func batch(of operation: MatrixProduct) -> MatrixProduct.Batch {
    let a = shape(of: operation.a)
    let b = shape(of: operation.b)
    precondition(
      (a.rank == 2 || a.rank == 3) && (b.rank == 2 || b.rank == a.rank) && a.count > 0
        && b.count > 0 && (b.rank == 2 || a[0] == b[0])
        && a.columns == (operation.transposesRight ? b.columns : b[b.rank - 2]),
      "matmul: shapes \(a) and \(b)\(operation.transposesRight ? " transposed" : "")")
    // With one matrix on the right, the rows of all matrices on the left form one tall matrix.
    let isBatched = b.rank == 3
    return MatrixProduct.Batch(
      count: isBatched ? a[0] : 1, rows: isBatched ? a[1] : a.rows, inner: a.columns,
      columns: operation.transposesRight ? b[b.rank - 2] : b.columns,
      transposesRight: operation.transposesRight)
  }
}
