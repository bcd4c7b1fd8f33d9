public import Tensors

/// One row per list, repeated for all rows of the list.
struct SequenceBroadcast {
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
  /// Repeats one row per list for all rows of the list: from `[l]` or `[l, d]` and `l + 1` offsets,
  /// the last of which is `n`, to `[n]` or `[n, d]`.
  public mutating func sequenceBroadcast(_ x: Value, _ offsets: Indices) -> Value {
    let shape = shape(of: x)
    let rows = offsets.count > 0 ? offsets[offsets.count - 1] : 0
    precondition(
      shape.rank > 0 && shape[0] == offsets.count - 1,
      "sequenceBroadcast: shape \(shape) and \(offsets.count) offsets")
    let sequences = SequenceRows(
      "sequenceBroadcast", shape.replacing(axis: 0, with: Swift.max(rows, 0)), offsets)
    let y = append(
      .sequenceBroadcast(SequenceBroadcast(x: x, lists: sequences.lists, width: sequences.width)),
      sequences.shape, needsGradient: needsGradient(x))
    ReductionKernels.spread(
      values(of: x), sequences.lists, width: sequences.width, mean: false, into: values(of: y))
    return y
  }
}
