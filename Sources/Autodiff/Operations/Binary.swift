import Tensors

/// `a + b`, `a - b`, `a * b` or `a / b`, elementwise with broadcasting. Retains only its operands.
struct Binary {
  let sign: Arithmetic
  let a: Value
  let b: Value

  func backward(_ y: Value, on tape: inout Tape) {
    add(to: .a, y, on: &tape)
    add(to: .b, y, on: &tape)
  }

  private func add(to operand: Operand, _ y: Value, on tape: inout Tape) {
    let value = operand == .a ? a : b
    guard let target = tape.target(value) else { return }
    // The gradient of a broadcast operand is the sum over its repetitions.
    let repeats = tape.shape(of: value) != tape.shape(of: y)
    if target.isFresh && repeats { target.floats.fill(0) }
    ElementwiseKernels.arithmeticBackward(
      sign, operand, tape.values(of: a), tape.values(of: b), tape.broadcast(sign, a, b),
      dy: tape.incoming(y), into: target.floats, adding: repeats || !target.isFresh)
  }
}

/// Elementwise operations on two values.
///
/// Shapes are broadcast by NumPy's rules: axes are aligned at the innermost, missing outer axes
/// have extent 1, and an operand repeats along an axis where its extent is 1. So `[n, d]` combines
/// with `[d]` (each row), `[n, 1]` (each column), `[1]` and `[]` (everywhere). The gradient of an
/// operand that repeats is the sum over its repetitions.
extension Tape {
  /// `a + b` with broadcasting.
  public mutating func add(_ a: Value, _ b: Value) -> Value { binary(.add, a, b) }

  /// `a - b` with broadcasting.
  public mutating func subtract(_ a: Value, _ b: Value) -> Value { binary(.subtract, a, b) }

  /// `a * b` with broadcasting.
  public mutating func multiply(_ a: Value, _ b: Value) -> Value { binary(.multiply, a, b) }

  /// `a / b` with broadcasting.
  public mutating func divide(_ a: Value, _ b: Value) -> Value { binary(.divide, a, b) }

  private mutating func binary(_ sign: Arithmetic, _ a: Value, _ b: Value) -> Value {
    let broadcast = broadcast(sign, a, b)
    let y = append(
      .binary(Binary(sign: sign, a: a, b: b)), broadcast.shape,
      needsGradient: needsGradient(a) || needsGradient(b))
    ElementwiseKernels.arithmetic(
      sign, values(of: a), values(of: b), broadcast, into: values(of: y))
    return y
  }

  fileprivate func broadcast(_ sign: Arithmetic, _ a: Value, _ b: Value) -> Broadcast {
    guard let broadcast = Broadcast(shape(of: a), shape(of: b)) else {
      preconditionFailure("\(sign): shapes \(shape(of: a)) and \(shape(of: b)) do not meet")
    }
    return broadcast
  }
}
