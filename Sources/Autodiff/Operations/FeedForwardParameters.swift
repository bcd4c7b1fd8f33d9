public import Tensors

/// The parameters of a feed-forward layer `x` → `activation(x · upᵀ) · downᵀ`, with or without a
/// gate and biases.
public struct FeedForwardParameters: Sendable, Equatable {
  /// The part of the layer before the multiplication by `down`.
  public enum Up: Sendable, Equatable {
    /// `activation(x · upᵀ + bias)`, up `[inner, width]`.
    case plain(DenseParameters)
    /// `activation(x · gateᵀ + bias) · (x · upᵀ + bias)`, both `[inner, width]` (Shazeer, 2020).
    case gated(gate: DenseParameters, up: DenseParameters)
    /// The same with gate and up in one weight `[2·inner, width]`, the gate's rows first.
    case joined(DenseParameters)
  }

  /// The first part of the layer. A gate and an up that are adjacent in the parameter buffer are
  /// joined, so that one product computes both.
  public let up: Up
  /// The second part of the layer, `[width, inner]`.
  public let down: DenseParameters
  /// The activation of the layer or of its gate.
  public let activation: Activation

  /// Parameters with matching shapes.
  public init(up: Up, down: DenseParameters, activation: Activation) {
    self.up = up.joined
    self.down = down
    self.activation = activation
    precondition(
      down.inputs > 0 && self.up.isMade(of: down.outputs, inner: down.inputs),
      "feedForward: up \(self.up.shapes), down \(down.weight.shape)")
  }

  /// A layer without a gate.
  public init(up: DenseParameters, down: DenseParameters, activation: Activation) {
    self.init(up: .plain(up), down: down, activation: activation)
  }

  /// The number of columns of input and output.
  public var width: Int { down.outputs }
  /// The number of columns of the activation.
  public var inner: Int { down.inputs }
}

extension FeedForwardParameters.Up {
  fileprivate var shapes: String {
    switch self {
    case .plain(let up), .joined(let up): "\(up.weight.shape)"
    case .gated(let gate, let up): "\(gate.weight.shape) and \(up.weight.shape)"
    }
  }

  fileprivate func isMade(of width: Int, inner: Int) -> Bool {
    switch self {
    case .plain(let up): up.weight.shape == Shape(inner, width)
    case .joined(let both): both.weight.shape == Shape(2 * inner, width)
    case .gated(let gate, let up):
      gate.weight.shape == Shape(inner, width) && up.weight.shape == gate.weight.shape
    }
  }

  /// Gate and up joined into one parameter if they are adjacent in the buffer.
  fileprivate var joined: Self {
    guard case .gated(let gate, let up) = self, let weight = gate.weight.joined(up.weight) else {
      return self
    }
    switch (gate.bias, up.bias) {
    case (nil, nil): return .joined(DenseParameters(weight: weight, bias: nil))
    case (let gateBias?, let upBias?):
      guard let bias = gateBias.joined(upBias) else { return self }
      return .joined(DenseParameters(weight: weight, bias: bias))
    default: return self
    }
  }
}

extension Parameter {
  /// Both parameters as one with more rows if `next` directly follows this one in the buffer.
  fileprivate func joined(_ next: Parameter) -> Parameter? {
    guard range.upperBound == next.offset, shape.rank > 0, shape.rank == next.shape.rank,
      shape.replacing(axis: 0, with: next.shape[0]) == next.shape
    else { return nil }
    return Parameter(
      offset: offset, shape: shape.replacing(axis: 0, with: shape[0] + next.shape[0]))
  }
}
