import Export
import Foundation
import Tensors

/// The operators of https://onnx.ai/onnx/operators/ that this program's graphs use.
enum ONNXOperations {
  /// The reason why operands are incompatible.
  struct Mismatch: Error {
    let problem: String
  }

  typealias Operation =
    @Sendable (ONNXAttributes, [ONNXTensor]) throws(Mismatch) -> [ONNXTensor]

  /// All operators by name.
  static let all: [String: Operation] = [
    "Add": { (_, x) throws(Mismatch) in [try pairwise(x) { $0 + $1 }] },
    "Sub": { (_, x) throws(Mismatch) in [try pairwise(x) { $0 - $1 }] },
    "Mul": { (_, x) throws(Mismatch) in [try pairwise(x) { $0 * $1 }] },
    "Div": { (_, x) throws(Mismatch) in [try pairwise(x) { $0 / $1 }] },
    "Max": { (_, x) throws(Mismatch) in [try pairwise(x) { max($0, $1) }] },
    "Min": { (_, x) throws(Mismatch) in [try pairwise(x) { min($0, $1) }] },
    "Neg": { (_, x) throws(Mismatch) in [each(x[0]) { -$0 }] },
    "Abs": { (_, x) throws(Mismatch) in [each(x[0]) { abs($0) }] },
    "Sqrt": { (_, x) throws(Mismatch) in [each(x[0]) { $0.squareRoot() }] },
    "Erf": { (_, x) throws(Mismatch) in [each(x[0]) { erff($0) }] },
    "Tanh": { (_, x) throws(Mismatch) in [each(x[0]) { tanhf($0) }] },
    "Relu": { (_, x) throws(Mismatch) in [each(x[0]) { max($0, 0) }] },
    "Sigmoid": { (_, x) throws(Mismatch) in [each(x[0]) { 1 / (1 + expf(-$0)) }] },
    "Cast": { (attributes, x) throws(Mismatch) in [try cast(x[0], attributes)] },
    "Shape": { (_, x) throws(Mismatch) in
      [ONNXTensor(.int64, [x[0].shape.count], x[0].shape.map { Float($0) })]
    },
    "Gather": { (attributes, x) throws(Mismatch) in [try gather(x, attributes)] },
    "GatherElements": { (attributes, x) throws(Mismatch) in [try gatherElements(x, attributes)] },
    "Slice": { (_, x) throws(Mismatch) in [try slice(x)] },
    "Concat": { (attributes, x) throws(Mismatch) in [try concatenate(x, attributes)] },
    "Expand": { (_, x) throws(Mismatch) in [try expand(x)] },
    "Range": { (_, x) throws(Mismatch) in [try range(x)] },
    "Unsqueeze": { (_, x) throws(Mismatch) in [try unsqueeze(x)] },
    "Squeeze": { (_, x) throws(Mismatch) in [try squeeze(x)] },
    "Reshape": { (_, x) throws(Mismatch) in [try reshape(x)] },
    "Transpose": { (attributes, x) throws(Mismatch) in [try transpose(x[0], attributes)] },
    "Softmax": { (attributes, x) throws(Mismatch) in [try softmax(x[0], attributes)] },
    "LayerNormalization": { (attributes, x) throws(Mismatch) in [try norm(x, attributes)] },
    "ReduceMax": { (attributes, x) throws(Mismatch) in
      [try reduce(x[0], attributes) { max($0, $1) }]
    },
    "ReduceMin": { (attributes, x) throws(Mismatch) in
      [try reduce(x[0], attributes) { min($0, $1) }]
    },
    "ReduceMean": { (attributes, x) throws(Mismatch) in [try mean(x[0], attributes)] },
    "ReduceSum": { (attributes, x) throws(Mismatch) in [try sum(x, attributes)] },
    "MatMul": { (_, x) throws(Mismatch) in [try product(x[0], x[1])] },
    "MatMulInteger": { (_, x) throws(Mismatch) in [try wholeProduct(x)] },
  ]

  // MARK: Elementwise

  /// Rounds a value if the type is f16.
  private static func rounded(_ value: Float, _ type: ONNXType) -> Float {
    type == .float16 ? Float(Float16(value)) : value
  }

  @inline(__always)
  private static func each(_ x: ONNXTensor, _ f: (Float) -> Float) -> ONNXTensor {
    let y = ONNXTensor(x.type, x.shape)
    for i in 0..<x.count { y.values.floats[i] = rounded(f(x.values.floats[i]), x.type) }
    return y
  }

  private static func cast(
    _ x: ONNXTensor, _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard let type = attributes.whole("to").flatMap({ ONNXType(rawValue: $0) }), type.size > 0
    else { throw Mismatch(problem: "the type is unknown") }
    let y = ONNXTensor(type, x.shape)
    guard type == .uint8 else {
      for i in 0..<x.count { y.values.floats[i] = rounded(x.values.floats[i], type) }
      return y
    }
    for i in 0..<x.count {
      let value = x.values.floats[i].rounded(.towardZero)
      guard (0...255).contains(value) else { throw Mismatch(problem: "\(value) exceeds 8 bits") }
      y.values.floats[i] = value
    }
    return y
  }

  /// Operands of one type, broadcast: extents are equal, counted from the last, or 1 in one operand.
  @inline(__always)
  static func pairwise(
    _ x: [ONNXTensor], _ f: (Float, Float) -> Float
  ) throws(Mismatch) -> ONNXTensor {
    let (a, b) = (x[0], x[1])
    guard a.type == b.type else {
      throw Mismatch(problem: "mismatched types \(a.type) and \(b.type)")
    }
    let rank = max(a.shape.count, b.shape.count)
    func padded(_ shape: [Int]) -> [Int] {
      Array(repeating: 1, count: rank - shape.count) + shape
    }
    let (left, right) = (padded(a.shape), padded(b.shape))
    var shape: [Int] = []
    for (m, n) in zip(left, right) {
      guard m == n || m == 1 || n == 1 else {
        throw Mismatch(problem: "mismatched shapes \(a.shape) and \(b.shape)")
      }
      shape.append(m == 1 ? n : m)
    }
    let y = ONNXTensor(a.type, shape)
    let width = shape.last ?? 1
    guard width > 0 else { return y }
    let (aStep, bStep) = (left.last == 1 ? 0 : 1, right.last == 1 ? 0 : 1)
    for row in 0..<y.count / width {
      let (from, other) = (start(row, shape, left), start(row, shape, right))
      for i in 0..<width {
        y.values.floats[row * width + i] = rounded(
          f(a.values.floats[from + i * aStep], b.values.floats[other + i * bStep]), a.type)
      }
    }
    return y
  }

  /// The start of the row of an operand that corresponds to a row of the result.
  private static func start(_ row: Int, _ shape: [Int], _ operand: [Int]) -> Int {
    var (rest, step, start) = (row, operand.last ?? 1, 0)
    for axis in (0..<max(shape.count - 1, 0)).reversed() {
      if operand[axis] > 1 { start += rest % shape[axis] * step }
      step *= operand[axis]
      rest /= shape[axis]
    }
    return start
  }

  // MARK: Rows

  private static func reduce(
    _ x: ONNXTensor, _ attributes: ONNXAttributes, _ f: (Float, Float) -> Float
  ) throws(Mismatch) -> ONNXTensor {
    guard let width = x.shape.last, width > 0, attributes.wholes("axes") == [-1],
      attributes.whole("keepdims") ?? 1 == 1
    else { throw Mismatch(problem: "only the last axis with keepdims is supported") }
    let y = ONNXTensor(x.type, x.shape.dropLast() + [1])
    for row in 0..<y.count {
      var result = x.values.floats[row * width]
      for i in row * width..<(row + 1) * width { result = f(result, x.values.floats[i]) }
      y.values.floats[row] = result
    }
    return y
  }

  private static func mean(
    _ x: ONNXTensor, _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard let width = x.shape.last, width > 0, attributes.wholes("axes") == [-1],
      attributes.whole("keepdims") ?? 1 == 1
    else { throw Mismatch(problem: "only the last axis with keepdims is supported") }
    let sums = total(x, width)
    for row in 0..<sums.count {
      sums.values.floats[row] = rounded(sums.values.floats[row] / Float(width), x.type)
    }
    return sums
  }

  /// The axes are an operand, as in operator sets from 13 on.
  private static func sum(
    _ x: [ONNXTensor], _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard x.count == 2, x[1].wholes == [-1], let width = x[0].shape.last, width > 0,
      attributes.whole("keepdims") ?? 1 == 1
    else { throw Mismatch(problem: "only the last axis with keepdims is supported") }
    return total(x[0], width)
  }

  private static func total(_ x: ONNXTensor, _ width: Int) -> ONNXTensor {
    let y = ONNXTensor(x.type, x.shape.dropLast() + [1])
    for row in 0..<y.count {
      var sum = 0.0
      for i in row * width..<(row + 1) * width { sum += Double(x.values.floats[i]) }
      y.values.floats[row] = rounded(Float(sum), x.type)
    }
    return y
  }

  private static func softmax(
    _ x: ONNXTensor, _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard let width = x.shape.last, width > 0,
      [-1, x.shape.count - 1].contains(attributes.whole("axis") ?? -1)
    else { throw Mismatch(problem: "only the last axis is supported") }
    let y = ONNXTensor(x.type, x.shape)
    for start in stride(from: 0, to: x.count, by: width) {
      var largest = -Float.infinity
      for i in start..<start + width { largest = max(largest, x.values.floats[i]) }
      var sum: Float = 0
      for i in start..<start + width {
        let power = expf(x.values.floats[i] - largest)
        y.values.floats[i] = power
        sum += power
      }
      for i in start..<start + width { y.values.floats[i] = y.values.floats[i] / sum }
    }
    return y
  }

  private static func norm(
    _ x: [ONNXTensor], _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard (2...3).contains(x.count), let width = x[0].shape.last, x[1].shape == [width],
      x.count == 2 || x[2].shape == [width], attributes.whole("axis") ?? -1 == -1
    else { throw Mismatch(problem: "mismatched shapes \(x.map(\.shape))") }
    let epsilon = Double(attributes.number("epsilon") ?? 1e-5)
    let y = ONNXTensor(x[0].type, x[0].shape)
    for start in stride(from: 0, to: y.count, by: width) {
      var (sum, squares) = (0.0, 0.0)
      for i in 0..<width { sum += Double(x[0].values.floats[start + i]) }
      let mean = sum / Double(width)
      for i in 0..<width {
        let distance = Double(x[0].values.floats[start + i]) - mean
        squares += distance * distance
      }
      let factor = 1 / (squares / Double(width) + epsilon).squareRoot()
      for i in 0..<width {
        let value = Float((Double(x[0].values.floats[start + i]) - mean) * factor)
        let bias = x.count == 3 ? x[2].values.floats[i] : 0
        y.values.floats[start + i] = value * x[1].values.floats[i] + bias
      }
    }
    return y
  }
}
