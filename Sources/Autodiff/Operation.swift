/// Every operation a tape can record, with its operands and what its backward pass needs.
///
/// An operation is one file in `Operations/`, a case here and a line in `backward`. Payloads are
/// plain values: recording one never allocates.
enum Operation {
  /// A value that was given: a constant, a variable, a parameter.
  case leaf
  case add(Add)

  /// Adds the contribution of this operation, whose result is `y`, to the gradients of its
  /// operands.
  func backward(_ y: Value, on tape: inout Tape) {
    switch self {
    case .leaf: break
    case .add(let operation): operation.backward(y, on: &tape)
    }
  }
}
