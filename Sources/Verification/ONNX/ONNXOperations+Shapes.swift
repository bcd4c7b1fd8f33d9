import Tensors

/// Operators that move elements without changing them.
extension ONNXOperations {
  static func gather(
    _ x: [ONNXTensor], _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    let width = x[0].shape.dropFirst().reduce(1, *)
    let indices = x[1].wholes
    guard let extent = x[0].shape.first, attributes.whole("axis") ?? 0 == 0,
      indices.allSatisfy({ (0..<extent).contains($0) })
    else { throw Mismatch(problem: "only existing rows of the first axis are supported") }
    let y = ONNXTensor(x[0].type, x[1].shape + x[0].shape.dropFirst())
    for (place, index) in indices.enumerated() {
      y.values.floats[place * width..<(place + 1) * width]
        .copy(from: x[0].values.floats[index * width..<(index + 1) * width])
    }
    return y
  }

  /// Elements of each row, one for each index in a row of the other operand.
  static func gatherElements(
    _ x: [ONNXTensor], _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard x.count == 2, let width = x[0].shape.last, let count = x[1].shape.last,
      x[0].shape.dropLast() == x[1].shape.dropLast(),
      [-1, x[0].shape.count - 1].contains(attributes.whole("axis") ?? 0)
    else { throw Mismatch(problem: "only rows of the last axis are supported") }
    let y = ONNXTensor(x[0].type, x[1].shape)
    let (from, places, to) = (x[0].values.floats, x[1].values.floats, y.values.floats)
    for i in 0..<y.count {
      let place = Int(places[i])
      guard (0..<width).contains(place) else {
        throw Mismatch(problem: "a row lacks the element \(place)")
      }
      to[i] = from[i / count * width + place]
    }
    return y
  }

  /// A range of one axis.
  static func slice(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    guard x.count == 4, let start = x[1].wholes.first, let end = x[2].wholes.first,
      let axis = x[3].wholes.first, x[3].count == 1, x[0].shape.indices.contains(axis), start >= 0,
      end >= start
    else { throw Mismatch(problem: "only a range of one axis is supported") }
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

  /// Concatenates operands along one axis, in which alone their extents may differ.
  static func concatenate(
    _ x: [ONNXTensor], _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard let first = x.first, let axis = attributes.whole("axis"),
      first.shape.indices.contains(axis),
      x.allSatisfy({ other in
        other.type == first.type && other.shape.count == first.shape.count
          && first.shape.indices.allSatisfy { $0 == axis || other.shape[$0] == first.shape[$0] }
      })
    else { throw Mismatch(problem: "mismatched shapes \(x.map(\.shape)) along one axis") }
    var shape = first.shape
    shape[axis] = x.map { $0.shape[axis] }.reduce(0, +)
    let y = ONNXTensor(first.type, shape)
    var place = 0
    for block in 0..<shape[..<axis].reduce(1, *) {
      for operand in x {
        let piece = operand.shape[axis...].reduce(1, *)
        guard piece > 0 else { continue }
        y.values.floats[place..<place + piece]
          .copy(from: operand.values.floats[block * piece..<(block + 1) * piece])
        place += piece
      }
    }
    return y
  }

  /// Repeats axes of extent 1.
  static func expand(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    guard x.count == 2, x[1].wholes.allSatisfy({ $0 >= 0 }) else {
      throw Mismatch(problem: "a shape is missing")
    }
    return try pairwise([x[0], ONNXTensor(x[0].type, x[1].wholes)]) { value, _ in value }
  }

  /// Numbers from a start up to but not including a limit.
  static func range(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    guard x.count == 3, x.allSatisfy({ $0.count == 1 && $0.type == .int64 }),
      let step = x[2].wholes.first, step == 1, let start = x[0].wholes.first,
      let limit = x[1].wholes.first
    else { throw Mismatch(problem: "only integers in steps of 1 are supported") }
    let numbers = start < limit ? (start..<limit).map { Float($0) } : []
    return ONNXTensor(.int64, [numbers.count], numbers)
  }

  static func unsqueeze(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    var shape = x[0].shape
    for axis in x[1].wholes.sorted() {
      guard (0...shape.count).contains(axis) else {
        throw Mismatch(problem: "invalid axis \(axis)")
      }
      shape.insert(1, at: axis)
    }
    return x[0].reshaped(shape)
  }

  static func squeeze(_ x: [ONNXTensor]) throws(Mismatch) -> ONNXTensor {
    var shape = x[0].shape
    for axis in x[1].wholes.sorted().reversed() {
      guard shape.indices.contains(axis), shape[axis] == 1 else {
        throw Mismatch(problem: "the axis \(axis) of the shape \(shape) cannot be removed")
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
        throw Mismatch(problem: "the shape \(x[0].shape) does not fit \(wanted)")
      }
      shape.append(extent == 0 ? x[0].shape[axis] : extent)
    }
    guard shape.reduce(1, *) == x[0].count else {
      throw Mismatch(problem: "the shape \(x[0].shape) does not fit \(wanted)")
    }
    return x[0].reshaped(shape)
  }

  static func transpose(
    _ x: ONNXTensor, _ attributes: ONNXAttributes
  ) throws(Mismatch) -> ONNXTensor {
    guard let order = attributes.wholes("perm"), order.sorted() == Array(x.shape.indices),
      let last = order.last
    else { throw Mismatch(problem: "a permutation of \(x.shape.count) axes is missing") }
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
