public import Tensors

/// A convolution over the tokens of a sequence beside a layer (DeBERTa-v2): norm(layer(x) +
/// activation(convolution(x))). `name.weight` `[columns, columns, width]` and `name.bias`; tokens
/// beyond the ends of a sequence count as zeros.
public struct ConvolutionBlueprint: Sendable, Equatable {
  /// The prefix of its parameters' names.
  public var name: String
  /// The number of tokens that a result depends on; odd.
  public var width: Int
  /// The activation of the result; nil for the hyperbolic tangent.
  public var activation: Activation?
  /// The norm of the sum.
  public var norm: NormBlueprint

  package init(_ name: String, width: Int, activation: Activation?, norm: NormBlueprint) {
    (self.name, self.width, self.activation, self.norm) = (name, width, activation, norm)
  }
}
