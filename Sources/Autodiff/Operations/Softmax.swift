public import Tensors

/// The softmax of each of some lists, or its logarithm. The backward pass needs only the result.
struct Softmax {
  let x: Value
  let lists: Lists
  let logarithm: Bool

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ReductionKernels.softmaxBackward(
      y: tape.values(of: y), dy: tape.incoming(y), lists, logarithm: logarithm, into: dx.floats,
      adding: !dx.isFresh)
  }
}

/// The maximum of each list is subtracted first, so that no exponential overflows. A value of minus
/// infinity has probability 0; a list with no other values gives NaN.
extension Tape {
  /// The softmax along the innermost axis.
  public mutating func softmax(_ x: Value) -> Value {
    softmax(x, rows(of: x), logarithm: false)
  }

  /// The logarithm of the softmax along the innermost axis.
  public mutating func logSoftmax(_ x: Value) -> Value {
    softmax(x, rows(of: x), logarithm: true)
  }

  /// The softmax within each list: `[n]` and `l + 1` offsets to `[n]`.
  public mutating func sequenceSoftmax(_ x: Value, _ offsets: Indices) -> Value {
    softmax(
      x, SequenceRows("sequenceSoftmax", shape(of: x), offsets, rank: 1).lists, logarithm: false)
  }

  /// The logarithm of the softmax within each list: `[n]` and `l + 1` offsets to `[n]`.
  public mutating func sequenceLogSoftmax(_ x: Value, _ offsets: Indices) -> Value {
    softmax(
      x, SequenceRows("sequenceLogSoftmax", shape(of: x), offsets, rank: 1).lists, logarithm: true)
  }

  private func rows(of x: Value) -> Lists {
    let shape = shape(of: x)
    precondition(shape.rank > 0, "softmax: shape \(shape) has no axis")
    return Lists(count: shape.rows, length: shape.columns)
  }

  private mutating func softmax(_ x: Value, _ lists: Lists, logarithm: Bool) -> Value {
    let y = append(
      .softmax(Softmax(x: x, lists: lists, logarithm: logarithm)), shape(of: x),
      needsGradient: needsGradient(x))
    ReductionKernels.softmax(values(of: x), lists, logarithm: logarithm, into: values(of: y))
    return y
  }
}
