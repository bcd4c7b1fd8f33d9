import Tensors

/// An elementwise function of one value. Its result and its operand both still exist in the
/// backward pass, so nothing else is retained.
struct Unary {
  let function: Function
  let x: Value

  func backward(_ y: Value, on tape: inout Tape) {
    guard let dx = tape.target(x) else { return }
    ElementwiseKernels.applyBackward(
      function, x: tape.values(of: x), y: tape.values(of: y), dy: tape.incoming(y),
      into: dx.floats, adding: !dx.isFresh)
  }
}

extension Tape {
  /// e^x, within 2 units in the last place; infinity above 88.7, 0 below -104.
  public mutating func exp(_ x: Value) -> Value { unary(.exp, x) }

  /// The natural logarithm: minus infinity at 0, NaN below.
  public mutating func log(_ x: Value) -> Value { unary(.log, x) }

  /// The hyperbolic tangent.
  public mutating func tanh(_ x: Value) -> Value { unary(.tanh, x) }

  /// 1 / (1 + e^-x), for any x.
  public mutating func sigmoid(_ x: Value) -> Value { unary(.sigmoid, x) }

  /// log(1 / (1 + e^-x)) = -softplus(-x), without loss of accuracy or overflow.
  public mutating func logSigmoid(_ x: Value) -> Value { unary(.logSigmoid, x) }

  /// log(1 + e^x), without loss of accuracy or overflow.
  public mutating func softplus(_ x: Value) -> Value { unary(.softplus, x) }

  /// max(x, 0); at 0 the gradient is 0.
  public mutating func relu(_ x: Value) -> Value { unary(.relu, x) }

  /// x·Φ(x) with Φ the normal distribution, by the error function (Hendrycks and Gimpel 2016).
  public mutating func gelu(_ x: Value) -> Value { unary(.gelu, x) }

  /// √x; at 0 the gradient is taken as 0.
  public mutating func squareRoot(_ x: Value) -> Value { unary(.squareRoot, x) }

  private mutating func unary(_ function: Function, _ x: Value) -> Value {
    let y = append(
      .unary(Unary(function: function, x: x)), shape(of: x), needsGradient: needsGradient(x))
    ElementwiseKernels.apply(function, values(of: x), into: values(of: y))
    return y
  }
}
