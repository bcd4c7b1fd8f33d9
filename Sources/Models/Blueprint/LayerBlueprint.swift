public import Tensors

/// One layer: attention and a feed-forward layer, each with a residual connection.
public struct LayerBlueprint: Sendable, Equatable {
  /// The position of the norms in a layer (Xiong et al., 2020).
  public enum NormPlacement: Sendable, Equatable {
    /// Before each sublayer, whose result is added to its input: x + f(norm(x)). The result may
    /// have a norm of its own before it is added (Gemma 2).
    case pre
    /// After each sum: norm(x + f(x)).
    case post
  }

  /// The prefix of all parameter names.
  public var name: String
  /// The position of the norms.
  public var normPlacement: NormPlacement
  /// Attention over the tokens of a sequence.
  public var attention: AttentionBlueprint
  /// The feed-forward layer, applied to each token separately.
  public var feedForward: FeedForwardBlueprint
  /// The convolution beside the layer; nil for none.
  public var convolution: ConvolutionBlueprint?

  package init(
    _ name: String, norms: NormPlacement, _ attention: AttentionBlueprint,
    _ feedForward: FeedForwardBlueprint
  ) {
    (self.name, normPlacement) = (name, norms)
    (self.attention, self.feedForward) = (attention, feedForward)
  }
}

/// Multi-head attention: projections of queries, keys and values, and of the result.
public struct AttentionBlueprint: Sendable, Equatable {
  /// The storage of the projections of queries, keys and values.
  public enum Projection: Sendable, Equatable {
    /// Three linear layers.
    case separate(query: DenseBlueprint, key: DenseBlueprint, value: DenseBlueprint)
    /// One linear layer whose result holds all three side by side.
    case joined(DenseBlueprint)
  }

  /// The position information in attention.
  public enum Positions: Sendable, Equatable {
    /// None: the embeddings contain the positions.
    case none
    /// Queries and keys are rotated by their positions (Su et al., 2021).
    case rotary(base: Double, scaling: RotaryScaling = .none)
    /// Attention scores have a bias by distance (`RelativeBuckets`): `name.weight` `[buckets,
    /// heads]`, shared by the layers that use the same name.
    case relative(name: String, buckets: Int, maximumDistance: Int, isBidirectional: Bool)
    /// Attention scores have products with projected rows of a table of relative positions (He et
    /// al., 2021).
    case disentangled(DisentangledBlueprint)
  }

  /// The projections to queries, keys and values.
  public var projection: Projection
  /// The projection of attention's result to the width of the layers.
  public var output: DenseBlueprint
  /// The norm before or after the sublayer; nil for a pre-norm layer without one.
  public var norm: NormBlueprint?
  /// The norm of the result before it is added; nil for none.
  public var outputNorm: NormBlueprint?
  /// The norm of each head's queries, `[headWidth]`, before their rotation; nil for none.
  public var queryNorm: NormBlueprint?
  /// The norm of each head's keys; nil for none.
  public var keyNorm: NormBlueprint?
  /// The number of query heads.
  public var heads: Int
  /// The number of key and value heads.
  public var keyValueHeads: Int
  /// The number of columns per head.
  public var headWidth: Int
  /// The mask: which tokens a token attends to.
  public var mask: AttentionMask
  /// The position information.
  public var positions: Positions
  /// The factor of the products of queries and keys: 1/√headWidth unless a model says otherwise,
  /// with relative positions in additional products 1/√(headWidth · terms).
  public var scale: Float
  /// The bound of attention scores: cap · tanh(score / cap) (Gemma 2); nil for none.
  public var cap: Float?
  /// A factor of scores by the length of the sequence; nil for none.
  public var lengthScaling: LengthScaling?

  package init(
    _ projection: Projection, output: DenseBlueprint, norm: NormBlueprint?, heads: Int,
    keyValueHeads: Int? = nil, headWidth: Int, mask: AttentionMask = .full,
    positions: Positions = .none, scale: Float? = nil, cap: Float? = nil,
    lengthScaling: LengthScaling? = nil
  ) {
    (self.projection, self.output, self.norm) = (projection, output, norm)
    (self.heads, self.keyValueHeads) = (heads, keyValueHeads ?? heads)
    (self.headWidth, self.mask, self.positions) = (headWidth, mask, positions)
    self.lengthScaling = lengthScaling
    var terms = 1
    if case .disentangled(let parts) = positions { terms = parts.terms }
    self.scale = scale ?? 1 / Float(headWidth * terms).squareRoot()
    self.cap = cap
  }
}

/// A feed-forward layer: `down(activation(up(x)))`, or `down(activation(gate(x)) · up(x))`.
public struct FeedForwardBlueprint: Sendable, Equatable {
  /// The first product, or the first two if gated.
  public enum Up: Sendable, Equatable {
    /// One product.
    case plain(DenseBlueprint)
    /// A product that passes through the activation, multiplied by the other product.
    case gated(gate: DenseBlueprint, up: DenseBlueprint)
    /// Both as one linear layer, the gate first.
    case joined(DenseBlueprint)
    /// Both as one linear layer, the gate last.
    case joinedGateLast(DenseBlueprint)
  }

  /// The first products.
  public var up: Up
  /// The product after the activation.
  public var down: DenseBlueprint
  /// The activation between the products.
  public var activation: Activation
  /// The norm before or after the sublayer.
  public var norm: NormBlueprint?
  /// The norm of the result before it is added; nil for none.
  public var outputNorm: NormBlueprint?

  package init(_ up: Up, down: DenseBlueprint, activation: Activation, norm: NormBlueprint?) {
    (self.up, self.down, self.activation, self.norm) = (up, down, activation, norm)
  }
}
