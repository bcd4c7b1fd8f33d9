import Autodiff
import Models
import Tensors

/// Feed-forward layers and activations.
extension ONNXCrossEncoder {
  /// A feed-forward layer without residual and norm.
  mutating func feedForward(_ layer: FeedForwardBlueprint, _ x: Value) -> Value {
    let down = dense(layer.down)
    switch layer.up {
    case .plain(let up):
      let inner = activation(
        linear(x, dense(up)), layer.activation, Self.parent(up.name))
      return linear(inner, down, least: layer.activation.least)
    case .gated(let gate, let up):
      return linear(gated(x, dense(gate), dense(up), layer.activation), down)
    case .joined(let both):
      let (rows, width) = (dense(both), both.outputs / 2)
      return linear(
        gated(
          x, rows.rows(0..<width, as: "gate"), rows.rows(width..<2 * width, as: "up"),
          layer.activation), down)
    case .joinedGateLast(let both):
      let (rows, width) = (dense(both), both.outputs / 2)
      return linear(
        gated(
          x, rows.rows(width..<2 * width, as: "gate"), rows.rows(0..<width, as: "up"),
          layer.activation), down)
    }
  }

  /// `activation(x · gateᵀ) · (x · upᵀ)`.
  private mutating func gated(
    _ x: Value, _ gate: Dense, _ up: Dense, _ kind: Activation
  ) -> Value {
    let open = activation(linear(x, gate), kind, gate.name + ".")
    return graph.add("Mul", [open, linear(x, up)], as: gate.name + ".gated")
  }

  /// An activation of `u`, in the type of `u`.
  mutating func activation(_ u: Value, _ kind: Activation, _ name: String) -> Value {
    func number(_ value: Float) -> Value { graph.number(value, u.type) }
    switch kind {
    case .relu: return graph.add("Relu", [u], as: name + "activation")
    case .silu:
      let share = graph.add("Sigmoid", [u], as: name + "sigmoid")
      return graph.add("Mul", [u, share], as: name + "activation")
    case .gelu:
      let ratio = graph.add("Div", [u, number(Float(2).squareRoot())], as: name + "ratio")
      let error = graph.add("Erf", [ratio], as: name + "erf")
      let above = graph.add("Add", [error, number(1)], as: name + "erf_and_1")
      let double = graph.add("Mul", [u, above], as: name + "doubled")
      return graph.add("Mul", [double, number(0.5)], as: name + "activation")
    case .geluTanh:
      // √(2/π)·u·(1 + 0.044715·u²), in an order that does not overflow f16.
      let square = graph.add("Mul", [u, u], as: name + "square")
      let part = graph.add("Mul", [square, number(0.044715)], as: name + "square_part")
      let factor = graph.add("Add", [part, number(1)], as: name + "factor")
      let scaled = graph.add("Mul", [u, number((2 / Float.pi).squareRoot())], as: name + "scaled")
      let argument = graph.add("Mul", [scaled, factor], as: name + "argument")
      let tanh = graph.add("Tanh", [argument], as: name + "tanh")
      let above = graph.add("Add", [tanh, number(1)], as: name + "tanh_and_1")
      let double = graph.add("Mul", [u, above], as: name + "doubled")
      return graph.add("Mul", [double, number(0.5)], as: name + "activation")
    }
  }
}

extension Activation {
  /// A lower bound of the activation: the minimum of GELU is -0.16997 (-0.17004 with tanh), near
  /// -0.75, that of SiLU -0.27847, near -1.28.
  fileprivate var least: Float {
    switch self {
    case .relu: 0
    case .gelu, .geluTanh: -0.171
    case .silu: -0.279
    }
  }
}
