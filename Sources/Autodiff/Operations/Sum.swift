public import Tensors

/// The sum or mean of each of some lists of rows: along an axis, of all values, or of ragged
/// sequences.
struct Sum {
  let x: Value
  let lists: Lists
  let width: Int
  let mean: Bool

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ReductionKernels.spread(
      tape.incoming(y), lists, width: width, mean: mean, into: dx.floats, adding: !dx.isFresh)
  }
}

extension Tape {
  /// The sum of all values, a scalar; 0 for none.
  public mutating func sum(_ x: Value) -> Value { sumOfAll(x, mean: false) }

  /// The mean of all values, a scalar; 0 for none.
  public mutating func mean(_ x: Value) -> Value { sumOfAll(x, mean: true) }

  /// The sum along an axis, which disappears or, with `keepAxis`, stays with extent 1.
  public mutating func sum(_ x: Value, axis: Int, keepAxis: Bool = false) -> Value {
    sum(x, axis: axis, keepAxis: keepAxis, mean: false)
  }

  /// The mean along an axis, which disappears or, with `keepAxis`, stays with extent 1; 0 along an
  /// axis of extent 0.
  public mutating func mean(_ x: Value, axis: Int, keepAxis: Bool = false) -> Value {
    sum(x, axis: axis, keepAxis: keepAxis, mean: true)
  }

  /// The sum of the rows of each list: from `[n]` or `[n, d]` and `l + 1` offsets to `[l]` or
  /// `[l, d]`; 0 for an empty list.
  public mutating func sequenceSum(_ x: Value, _ offsets: Indices) -> Value {
    let sequences = SequenceRows("sequenceSum", shape(of: x), offsets)
    return sum(x, sequences.lists, sequences.width, sequences.reduced, mean: false)
  }

  /// The mean of the rows of each list, shapes as in `sequenceSum`; 0 for an empty list.
  public mutating func sequenceMean(_ x: Value, _ offsets: Indices) -> Value {
    let sequences = SequenceRows("sequenceMean", shape(of: x), offsets)
    return sum(x, sequences.lists, sequences.width, sequences.reduced, mean: true)
  }

  private mutating func sumOfAll(_ x: Value, mean: Bool) -> Value {
    sum(x, Lists(count: 1, length: shape(of: x).count), 1, Shape(), mean: mean)
  }

  private mutating func sum(_ x: Value, axis: Int, keepAxis: Bool, mean: Bool) -> Value {
    let shape = shape(of: x)
    let blocks = AxisBlocks(shape, axis: axis)
    return sum(
      x, blocks.lists, blocks.inner, shape.reducing(axis: axis, keepAxis: keepAxis), mean: mean)
  }

  private mutating func sum(
    _ x: Value, _ lists: Lists, _ width: Int, _ shape: Shape, mean: Bool
  ) -> Value {
    let y = append(
      .sum(Sum(x: x, lists: lists, width: width, mean: mean)), shape,
      needsGradient: needsGradient(x))
    ReductionKernels.sum(values(of: x), lists, width: width, mean: mean, into: values(of: y))
    return y
  }
}
