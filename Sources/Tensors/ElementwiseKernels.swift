import CKernels

/// A function that is applied to each value.
package enum Function: Sendable {
  case exp, log, tanh, sigmoid, logSigmoid, softplus, relu, gelu, squareRoot
}

/// An operation on two values; the raw value is its sign.
package enum Arithmetic: Int32, Sendable {
  case add = 0x2B
  case subtract = 0x2D
  case multiply = 0x2A
  case divide = 0x2F
}

/// An operand of a binary operation.
package enum Operand: Int32, Sendable {
  case a = 0x61
  case b = 0x62
}

/// The elementwise kernels. Sizes are checked here, once per call; `adding` adds to the destination
/// instead of overwriting it.
package enum ElementwiseKernels {
  package static func apply(_ function: Function, _ x: Floats, into y: Floats) {
    precondition(x.count == y.count)
    let n = x.count
    switch function {
    case .exp: unsafe ltr_exp(n, x.start, y.start)
    case .log: unsafe ltr_log(n, x.start, y.start)
    case .tanh: unsafe ltr_tanh(n, x.start, y.start)
    case .sigmoid: unsafe ltr_sigmoid(n, x.start, y.start)
    case .logSigmoid: unsafe ltr_log_sigmoid(n, x.start, y.start)
    case .softplus: unsafe ltr_softplus(n, x.start, y.start)
    case .relu: unsafe ltr_relu(n, x.start, y.start)
    case .gelu: unsafe ltr_gelu(n, x.start, y.start)
    case .squareRoot: unsafe ltr_square_root(n, x.start, y.start)
    }
  }

  package static func applyBackward(
    _ function: Function, x: Floats, y: Floats, dy: Floats, into dx: Floats, adding: Bool
  ) {
    precondition(x.count == y.count && x.count == dy.count && x.count == dx.count)
    let n = x.count
    unsafe backward(function)(n, x.start, y.start, dy.start, dx.start, adding)
  }

  private typealias Backward =
    @convention(c) (
      Int, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?,
      UnsafeMutablePointer<Float>?, Bool
    ) -> Void

  private static func backward(_ function: Function) -> Backward {
    switch function {
    case .exp: unsafe ltr_exp_backward
    case .log: unsafe ltr_log_backward
    case .tanh: unsafe ltr_tanh_backward
    case .sigmoid: unsafe ltr_sigmoid_backward
    case .logSigmoid: unsafe ltr_log_sigmoid_backward
    case .softplus: unsafe ltr_softplus_backward
    case .relu: unsafe ltr_relu_backward
    case .gelu: unsafe ltr_gelu_backward
    case .squareRoot: unsafe ltr_square_root_backward
    }
  }

  /// `y = scale · x + shift`.
  package static func affine(
    _ x: Floats, scale: Float, shift: Float, into y: Floats, adding: Bool = false
  ) {
    precondition(x.count == y.count)
    unsafe ltr_affine(x.count, scale, shift, x.start, y.start, adding)
  }

  /// `y = a ∘ b` with broadcasting.
  package static func arithmetic(
    _ sign: Arithmetic, _ a: Floats, _ b: Floats, _ shape: Broadcast, into y: Floats
  ) {
    precondition(shape.fits(a, b, y))
    unsafe withUnsafePointer(to: shape.kernel) { kernel in
      unsafe ltr_arithmetic(sign.rawValue, kernel, a.start, b.start, y.start)
    }
  }

  /// The gradient of one operand of `y = a ∘ b`, summed over the axes along which it repeats. It
  /// can only overwrite the destination if the operand has the shape of `y`.
  package static func arithmeticBackward(
    _ sign: Arithmetic, _ operand: Operand, _ a: Floats, _ b: Floats, _ shape: Broadcast,
    dy: Floats, into target: Floats, adding: Bool
  ) {
    precondition(shape.fits(a, b, dy) && target.count == (operand == .a ? a.count : b.count))
    precondition(adding || target.count == dy.count)
    unsafe withUnsafePointer(to: shape.kernel) { kernel in
      unsafe ltr_arithmetic_backward(
        sign.rawValue, operand.rawValue, kernel, a.start, b.start, dy.start, target.start, adding)
    }
  }
}
