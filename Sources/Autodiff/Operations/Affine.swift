import Tensors

/// `scale · x + shift` with numbers that are not values of the tape.
struct Affine {
  let x: Value
  let scale: Float

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ElementwiseKernels.affine(
      tape.incoming(y), scale: scale, shift: 0, into: dx.floats, adding: !dx.isFresh)
  }
}

extension Tape {
  /// `-x`.
  public mutating func negate(_ x: Value) -> Value { affine(x, scale: -1, shift: 0) }

  /// `factor · x`, for a number such as a temperature.
  public mutating func scale(_ x: Value, by factor: Float) -> Value {
    affine(x, scale: factor, shift: 0)
  }

  /// `x + number`, for a number such as a margin.
  public mutating func addScalar(_ x: Value, _ number: Float) -> Value {
    affine(x, scale: 1, shift: number)
  }

  private mutating func affine(_ x: Value, scale: Float, shift: Float) -> Value {
    let y = append(
      .affine(Affine(x: x, scale: scale)), shape(of: x), needsGradient: needsGradient(x))
    ElementwiseKernels.affine(values(of: x), scale: scale, shift: shift, into: values(of: y))
    return y
  }
}
