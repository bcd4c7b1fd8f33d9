import Tensors

/// A part of a computation of which only the input and the result are stored: `backward` computes
/// it once more, recording it (Chen et al., 2016, "Training Deep Nets with Sublinear Memory Cost").
struct Segment {
  let x: Value
  /// The number by which the caller of `backward` knows the part.
  let number: Int
  /// The number of uses of dropout before the part, so that it draws the same numbers again.
  let dropoutSites: UInt32
}

extension Tape {
  /// Computes a value from `x` without recording how, to be computed once more by `backward`, which
  /// passes `number` and `x` to its `recompute`. Without recording it is `body` alone.
  ///
  /// `body` reads no other value of the tape that has a gradient, gives a new value, and does the
  /// same whenever it is called; it has no segments of its own.
  public mutating func segment(
    _ number: Int, from x: Value, _ body: (inout Tape) -> Value
  ) -> Value {
    guard isRecording else { return body(&self) }
    let segment = Segment(x: x, number: number, dropoutSites: dropoutSites)
    // The part is computed as if for the last time, but its input is read again.
    let ownsInput = nodes[Int(x.index)].ownsValues
    nodes[Int(x.index)].ownsValues = false
    isPaused = true
    let result = body(&self)
    isPaused = false
    nodes[Int(x.index)].ownsValues = ownsInput
    return appendOwner(.segment(segment), ofValuesOf: result, needsGradient: true)
  }

  /// Records a segment whose result `y` has a gradient, and goes back through it.
  mutating func backward(
    through segment: Segment, _ y: Value, _ recompute: Recomputation
  ) {
    // Nothing above the segment is read again.
    releaseValues(of: y)
    let first = nodes.count
    dropoutSites = segment.dropoutSites
    let result = recompute(segment.number, segment.x, &self)
    precondition(
      Int(result.index) >= first && shape(of: result) == shape(of: y),
      "a segment was computed otherwise the second time")
    moveGradient(from: y, to: result)
    visit(from: result, downTo: first, recompute)
    nodes.removeLast(nodes.count - first)
  }

  /// The function that computes a segment once more, given its number and its input.
  public typealias Recomputation = (_ number: Int, _ x: Value, _ tape: inout Tape) -> Value
}
