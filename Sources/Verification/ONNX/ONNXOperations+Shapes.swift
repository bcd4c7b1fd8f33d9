import Tensors

/// Operators that move numbers and change none.
extension ONNXOperations {
  static func gather(
    _ x: [ONNXTensor], _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    let width = x[0].shape.dropFirst().reduce(1, *)
    let indices = x[1].wholes
    guard let extent = x[0].shape.first, attributes.whole("axis") ?? 0 == 0,
      indices.allSatisfy({ (0..<extent).contains($0) })
    else { throw Mismatch(problem: "only rows that are there are known here") }
    let y = ONNXTensor(x[0].type, x[1].shape + x[0].shape.dropFirst())
    for (place, index) in indices.enumerated() {
      y.values.floats[place * width..<(place + 1) * width]
        .copy(from: x[0].values.floats[index * width..<(index + 1) * width])
    }
    return y
  }

  /// Of one axis, by steps of 1.
  static func slice(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    guard x.count == 4, let start = x[1].wholes.first, let end = x[2].wholes.first,
      let axis = x[3].wholes.first, x[3].count == 1, x[0].shape.indices.contains(axis), start >= 0,
      end >= start
    else { throw Mismatch(problem: "only a part of one axis is known here") }
    let extent = x[0].shape[axis]
    let (first, last) = (min(start, extent), min(end, extent))
    let width = x[0].shape.dropFirst(axis + 1).reduce(1, *)
    var shape = x[0].shape
    shape[axis] = last - first
    let y = ONNXTensor(x[0].type, shape)
    let piece = (last - first) * width
    guard piece > 0 else { return y }
    for block in 0..<y.count / piece {
      let from = block * extent * width + first * width
      y.values.floats[block * piece..<(block + 1) * piece]
        .copy(from: x[0].values.floats[from..<from + piece])
    }
    return y
  }

  static func unsqueeze(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    var shape = x[0].shape
    for axis in x[1].wholes.sorted() {
      guard (0...shape.count).contains(axis) else { throw Mismatch(problem: "axis \(axis)") }
      shape.insert(1, at: axis)
    }
    return x[0].reshaped(shape)
  }

  static func squeeze(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    var shape = x[0].shape
    for axis in x[1].wholes.sorted().reversed() {
      guard shape.indices.contains(axis), shape[axis] == 1 else {
        throw Mismatch(problem: "axis \(axis) of \(shape)")
      }
      shape.remove(at: axis)
    }
    return x[0].reshaped(shape)
  }

  static func reshape(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    let wanted = x[1].wholes
    var shape: [Int] = []
    for (axis, extent) in wanted.enumerated() {
      guard extent > 0 || extent == 0 && x[0].shape.indices.contains(axis) else {
        throw Mismatch(problem: "shape \(x[0].shape) to \(wanted)")
      }
      shape.append(extent == 0 ? x[0].shape[axis] : extent)
    }
    guard shape.reduce(1, *) == x[0].count else {
      throw Mismatch(problem: "shape \(x[0].shape) to \(wanted)")
    }
    return x[0].reshaped(shape)
  }

  static func transpose(
    _ x: ONNXTensor, _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard let order = attributes.wholes("perm"), order.sorted() == Array(x.shape.indices),
      let last = order.last
    else { throw Mismatch(problem: "an order of \(x.shape.count) axes is missing") }
    var steps = [Int](repeating: 1, count: x.shape.count)
    for axis in x.shape.indices.dropLast().reversed() {
      steps[axis] = steps[axis + 1] * x.shape[axis + 1]
    }
    let y = ONNXTensor(x.type, order.map { x.shape[$0] })
    let width = x.shape[last]
    guard y.count > 0 else { return y }
    for row in 0..<y.count / width {
      var (rest, from) = (row, 0)
      for axis in order.dropLast().reversed() {
        from += rest % x.shape[axis] * steps[axis]
        rest /= x.shape[axis]
      }
      for i in 0..<width {
        y.values.floats[row * width + i] = x.values.floats[from + i * steps[last]]
      }
    }
    return y
  }
}
