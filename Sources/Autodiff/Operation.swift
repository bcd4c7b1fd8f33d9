/// The operations of a tape, with their operands and the data for their backward passes.
///
/// An operation is one file in `Operations/`, a case here and a line in `backward`. Payloads are
/// plain values: recording one never allocates.
enum Operation {
  /// A value without operands: a constant, a variable or a parameter.
  case leaf
  case binary(Binary)
  case unary(Unary)
  case affine(Affine)
  case matrixProduct(MatrixProduct)
  case transpose(Transpose)
  case reshape(Reshape)
  case slice(Slice)
  case gather(Gather)
  case concatenate(Concatenate)
  case sum(Sum)
  case max(Max)
  case softmax(Softmax)
  case sequenceBroadcast(SequenceBroadcast)
  case attention(Attention)
  case disentangledAttention(DisentangledAttention)
  case dropout(Dropout)
  case embedding(Embedding)
  case feedForward(FeedForward)
  case lengthScale(LengthScale)
  case linear(Linear)
  case norm(Norm)
  case residual(Residual)
  case residualNorm(ResidualNorm)
  case segment(Segment)

  /// Adds the contribution of this operation, whose result is `y`, to the gradients of its
  /// operands.
  func backward(_ y: Value, on tape: inout Tape) {
    switch self {
    case .leaf: break
    case .segment: preconditionFailure("a segment is computed once more by the tape")
    case .binary(let operation): operation.backward(y, on: &tape)
    case .unary(let operation): operation.backward(y, on: &tape)
    case .affine(let operation): operation.backward(y, on: &tape)
    case .matrixProduct(let operation): operation.backward(y, on: &tape)
    case .transpose(let operation): operation.backward(y, on: &tape)
    case .reshape(let operation): operation.backward(y, on: &tape)
    case .slice(let operation): operation.backward(y, on: &tape)
    case .gather(let operation): operation.backward(y, on: &tape)
    case .concatenate(let operation): operation.backward(y, on: &tape)
    case .sum(let operation): operation.backward(y, on: &tape)
    case .max(let operation): operation.backward(y, on: &tape)
    case .softmax(let operation): operation.backward(y, on: &tape)
    case .sequenceBroadcast(let operation): operation.backward(y, on: &tape)
    case .attention(let operation): operation.backward(y, on: &tape)
    case .disentangledAttention(let operation): operation.backward(y, on: &tape)
    case .dropout(let operation): operation.backward(y, on: &tape)
    case .embedding(let operation): operation.backward(y, on: &tape)
    case .feedForward(let operation): operation.backward(y, on: &tape)
    case .lengthScale(let operation): operation.backward(y, on: &tape)
    case .linear(let operation): operation.backward(y, on: &tape)
    case .norm(let operation): operation.backward(y, on: &tape)
    case .residual(let operation): operation.backward(y, on: &tape)
    case .residualNorm(let operation): operation.backward(y, on: &tape)
    }
  }
}
