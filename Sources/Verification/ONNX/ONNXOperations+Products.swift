import Tensors

/// Matrix products of floating-point numbers and of integers.
extension ONNXOperations {
  /// `[…, m, k]` by `[k, n]`, or by `[…, k, n]` whose leading axes are the last of the left ones.
  static func product(_ a: ONNXTensor, _ b: ONNXTensor) throws(Mismatch) -> ONNXTensor {
    let shapes = "shapes \(a.shape) and \(b.shape)"
    guard a.type == b.type else {
      throw Mismatch(problem: "mismatched types \(a.type) and \(b.type)")
    }
    guard a.shape.count > 1, b.shape.count > 1, let inner = a.shape.last,
      b.shape[b.shape.count - 2] == inner, let columns = b.shape.last
    else { throw Mismatch(problem: shapes) }
    // Leading axes that the right operand lacks are those of copies, as everywhere in ONNX.
    let isShared = b.shape.count == 2
    guard a.shape.dropLast(2).reversed().starts(with: b.shape.dropLast(2).reversed()) else {
      throw Mismatch(problem: shapes)
    }
    let y = ONNXTensor(a.type, a.shape.dropLast() + [columns])
    let blocks = isShared ? 1 : a.shape.dropLast(2).reduce(1, *)
    let matrices = b.shape.dropLast(2).reduce(1, *)
    guard y.count > 0, inner > 0 else { return y }
    let rows = a.count / inner / blocks
    for block in 0..<blocks {
      func part(_ x: ONNXTensor, _ block: Int, _ rows: Int, _ columns: Int) -> Matrix {
        let size = rows * columns
        return Matrix(
          x.values.floats[block * size..<(block + 1) * size], rows: rows, columns: columns)
      }
      Matrix.multiply(
        part(a, block, rows, inner), part(b, block % matrices, inner, columns),
        into: part(y, block, rows, columns), adding: false)
    }
    if y.type == .float16 {
      for i in 0..<y.count { y.values.floats[i] = Float(Float16(y.values.floats[i])) }
    }
    return y
  }

  /// `(a − zero) · b` of 8-bit integers; the zero point is optional.
  static func wholeProduct(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    guard (2...3).contains(x.count), x[0].type == .uint8, x[1].type == .int8,
      x.count == 2 || x[2].count == 1 && x[2].type == .uint8
    else { throw Mismatch(problem: "only one zero point of the left operand is supported") }
    let zero = x.count == 3 ? x[2].values.floats[0] : 0
    let left = ONNXTensor(.float, x[0].shape)
    for i in 0..<left.count { left.values.floats[i] = x[0].values.floats[i] - zero }
    var right = ONNXTensor(.float, x[1].shape)
    right.values.floats.copy(from: x[1].values.floats)
    let sums = try product(left, right)
    right = ONNXTensor(.int32, sums.shape)
    for i in 0..<sums.count { right.values.floats[i] = sums.values.floats[i].rounded() }
    return right
  }
}
