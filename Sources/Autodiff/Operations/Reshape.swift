public import Tensors

/// The same values with another shape, in the same memory.
struct Reshape {
  let x: Value

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ElementwiseKernels.affine(
      tape.incoming(y), scale: 1, shift: 0, into: dx.floats, adding: !dx.isFresh)
  }
}

extension Tape {
  /// The values of `x` with another shape of the same count. Both share memory.
  public mutating func reshape(_ x: Value, _ shape: Shape) -> Value {
    precondition(
      shape.count == self.shape(of: x).count,
      "reshape: shape \(self.shape(of: x)) to \(shape)")
    return appendView(
      .reshape(Reshape(x: x)), shape, of: values(of: x), needsGradient: needsGradient(x))
  }
}
