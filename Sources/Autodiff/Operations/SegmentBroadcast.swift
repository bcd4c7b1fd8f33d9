public import Tensors

/// One row for each list, given to all rows of the list.
struct SegmentBroadcast {
  let x: Value
  let lists: Lists
  let width: Int

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ReductionKernels.sum(
      tape.incoming(y), lists, width: width, mean: false, into: dx.floats, adding: !dx.isFresh)
  }
}

extension Tape {
  /// One row for each list, given to all rows of the list: from `[l]` or `[l, d]` and `l + 1`
  /// offsets, the last of which is `n`, to `[n]` or `[n, d]`.
  public mutating func segmentBroadcast(_ x: Value, _ offsets: Indices) -> Value {
    let shape = shape(of: x)
    let rows = offsets.count > 0 ? offsets[offsets.count - 1] : 0
    precondition(
      shape.rank > 0 && shape[0] == offsets.count - 1,
      "segmentBroadcast: shape \(shape) and \(offsets.count) offsets")
    let segments = Segments(
      "segmentBroadcast", shape.replacing(axis: 0, with: Swift.max(rows, 0)), offsets)
    let y = append(
      .segmentBroadcast(SegmentBroadcast(x: x, lists: segments.lists, width: segments.width)),
      segments.shape, needsGradient: needsGradient(x))
    ReductionKernels.spread(
      values(of: x), segments.lists, width: segments.width, mean: false, into: values(of: y))
    return y
  }
}
