public import Tensors

/// One layer: attention and a feed-forward layer, each with a residual connection.
public struct LayerBlueprint: Sendable, Equatable {
  /// Where the norms of a layer are (Xiong et al., 2020).
  public enum NormPlacement: Sendable, Equatable {
    /// In front of each sublayer, whose result is added to its input: x + f(norm(x)).
    case pre
    /// Behind each sum: norm(x + f(x)).
    case post
  }

  /// What the names of all parameters begin with.
  public var name: String
  /// Where the norms are.
  public var normPlacement: NormPlacement
  /// Attention over the tokens of a sequence.
  public var attention: AttentionBlueprint
  /// What is computed of every token by itself.
  public var feedForward: FeedForwardBlueprint

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
  /// How queries, keys and values are stored.
  public enum Projection: Sendable, Equatable {
    /// A linear layer each.
    case separate(query: DenseBlueprint, key: DenseBlueprint, value: DenseBlueprint)
    /// One linear layer whose result holds all three side by side.
    case joined(DenseBlueprint)
  }

  /// How attention knows positions.
  public enum Positions: Sendable, Equatable {
    /// It does not: embeddings do.
    case none
    /// Queries and keys are rotated by their positions (Su et al., 2021).
    case rotary(base: Double)
    /// Scores have a bias by distance (`RelativeBuckets`): `name.weight` `[buckets, heads]`, which
    /// layers that give the same name share.
    case relative(name: String, buckets: Int, maximumDistance: Int, isBidirectional: Bool)
  }

  /// Queries, keys and values.
  public var projection: Projection
  /// The result's projection to the width of the layers.
  public var output: DenseBlueprint
  /// The norm before or behind; nil where a pre-norm layer has none.
  public var norm: NormBlueprint?
  /// How many heads queries have.
  public var heads: Int
  /// How many heads keys and values have.
  public var keyValueHeads: Int
  /// How many columns a head has.
  public var headWidth: Int
  /// Which tokens a token attends to.
  public var mask: AttentionMask
  /// How positions enter.
  public var positions: Positions

  package init(
    _ projection: Projection, output: DenseBlueprint, norm: NormBlueprint?, heads: Int,
    keyValueHeads: Int? = nil, headWidth: Int, mask: AttentionMask = .full,
    positions: Positions = .none
  ) {
    (self.projection, self.output, self.norm) = (projection, output, norm)
    (self.heads, self.keyValueHeads) = (heads, keyValueHeads ?? heads)
    (self.headWidth, self.mask, self.positions) = (headWidth, mask, positions)
  }
}

/// A feed-forward layer: `down(activation(up(x)))`, or `down(activation(gate(x)) · up(x))`.
public struct FeedForwardBlueprint: Sendable, Equatable {
  /// The first product, or the first two.
  public enum Up: Sendable, Equatable {
    /// One product.
    case plain(DenseBlueprint)
    /// A product that passes through the activation, and one that its result is multiplied by.
    case gated(gate: DenseBlueprint, up: DenseBlueprint)
    /// Both as one linear layer, the gate first.
    case joined(DenseBlueprint)
  }

  /// The first products.
  public var up: Up
  /// The product behind the activation.
  public var down: DenseBlueprint
  /// What lies between.
  public var activation: Activation
  /// The norm before or behind.
  public var norm: NormBlueprint?

  package init(_ up: Up, down: DenseBlueprint, activation: Activation, norm: NormBlueprint?) {
    (self.up, self.down, self.activation, self.norm) = (up, down, activation, norm)
  }
}
