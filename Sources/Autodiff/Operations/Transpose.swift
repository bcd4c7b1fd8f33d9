import Tensors

/// A tensor with two axes swapped, as a copy.
struct Transpose {
  let x: Value
  let first: Int8
  let second: Int8

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    LayoutKernels.swapAxes(
      tape.incoming(y), tape.shape(of: y), Int(first), Int(second), into: dx.floats,
      adding: !dx.isFresh)
  }
}

extension Tape {
  /// `x` with two axes swapped; by default the axes of a matrix. Other permutations of axes take
  /// several swaps.
  public mutating func transpose(_ x: Value, _ first: Int = 0, _ second: Int = 1) -> Value {
    let shape = shape(of: x)
    precondition(
      first >= 0 && first < shape.rank && second >= 0 && second < shape.rank,
      "transpose: axes \(first) and \(second) of shape \(shape)")
    let y = append(
      .transpose(Transpose(x: x, first: Int8(first), second: Int8(second))),
      shape.replacing(axis: first, with: shape[second])
        .replacing(axis: second, with: shape[first]),
      needsGradient: needsGradient(x))
    LayoutKernels.swapAxes(values(of: x), shape, first, second, into: values(of: y))
    return y
  }
}
