public import Tensors

/// The column-wise maximum of each of some lists of rows. Equal maxima share the gradient equally,
/// so that it does not depend on the order of a list.
struct Max {
  let x: Value
  let lists: Lists
  let width: Int

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ReductionKernels.maxBackward(
      x: tape.values(of: x), y: tape.values(of: y), dy: tape.incoming(y), lists, width: width,
      into: dx.floats, adding: !dx.isFresh)
  }
}

/// The maximum of no values is 0 here, with no gradient: minus infinity would become NaN when
/// multiplied by 0. NaN among the values gives NaN.
extension Tape {
  /// The maximum of all values, a scalar.
  public mutating func max(_ x: Value) -> Value {
    max(x, Lists(count: 1, length: shape(of: x).count), 1, Shape())
  }

  /// The maximum along an axis, which disappears or, with `keepAxis`, stays with extent 1.
  public mutating func max(_ x: Value, axis: Int, keepAxis: Bool = false) -> Value {
    let shape = shape(of: x)
    let blocks = AxisBlocks(shape, axis: axis)
    return max(x, blocks.lists, blocks.inner, shape.reducing(axis: axis, keepAxis: keepAxis))
  }

  /// The column-wise maximum of the rows of each list: from `[n]` or `[n, d]` and `l + 1` offsets
  /// to `[l]` or `[l, d]`; 0 for an empty list.
  public mutating func sequenceMax(_ x: Value, _ offsets: Indices) -> Value {
    let sequences = SequenceRows("sequenceMax", shape(of: x), offsets)
    return max(x, sequences.lists, sequences.width, sequences.reduced)
  }

  private mutating func max(_ x: Value, _ lists: Lists, _ width: Int, _ shape: Shape) -> Value {
    let y = append(
      .max(Max(x: x, lists: lists, width: width)), shape, needsGradient: needsGradient(x))
    ReductionKernels.max(values(of: x), lists, width: width, into: values(of: y))
    return y
  }
}
