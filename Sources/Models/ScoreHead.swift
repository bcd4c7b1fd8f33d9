import Autodiff
import Tensors

/// The steps from a sequence's pooled row to a score, as in the blueprint's head.
package struct ScoreHead: Sendable {
  private enum Step {
    case dense(DenseParameters)
    case tanh
    case activation(Activation)
    case norm(NormParameters)
    case dropout
  }

  private let steps: [Step]
  private let dropout: Float

  /// Adds the parameters of the head to a table, under the names of the blueprint.
  init(_ blueprint: Blueprint, in table: inout ParameterTable) {
    var width = blueprint.hiddenSize
    steps = blueprint.head.map { step in
      switch step {
      case .dense(let dense):
        width = dense.outputs
        return .dense(DenseParameters(dense, in: &table))
      case .norm(let norm): return .norm(NormParameters(norm, width, in: &table))
      case .tanh: return .tanh
      case .activation(let activation): return .activation(activation)
      case .dropout: return .dropout
      }
    }
    precondition(width == 1, "a head whose last dense step has \(width) outputs")
    dropout = blueprint.headDropout
  }

  /// pooled `[B, hidden]` → scores `[B, 1]`. Computed in 32 bits in every precision: the cost is
  /// negligible, and rounded scores would tie.
  func callAsFunction(_ pooled: Value, identity: Indices, on tape: inout Tape) -> Value {
    var x = pooled
    for step in steps {
      switch step {
      case .dense(let dense): x = tape.linear(x, dense, isExact: true)
      case .tanh: x = tape.tanh(x)
      case .activation(let activation): x = tape.activated(x, by: activation)
      case .norm(let norm): x = tape.norm(x, norm)
      case .dropout: x = tape.dropout(x, rate: dropout, identity: identity)
      }
    }
    return x
  }
}

extension Tape {
  /// An activation of a few numbers, composed of elementary operations if the tape has no operation
  /// for it.
  mutating func activated(_ x: Value, by activation: Activation) -> Value {
    switch activation {
    case .relu: return relu(x)
    case .gelu: return gelu(x)
    case .silu: return multiply(x, sigmoid(x))
    case .geluTanh:
      // (1 + tanh u) / 2 is the sigmoid of 2u; u is √(2/π) · (x + 0.044715 x³).
      let square = scale(multiply(x, x), by: 0.044715)
      let argument = multiply(x, addScalar(square, 1))
      return multiply(x, sigmoid(scale(argument, by: 2 * (2 / Float.pi).squareRoot())))
    }
  }
}
