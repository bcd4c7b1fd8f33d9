public import Tensors

/// A norm over the columns of a row: `name.weight`, and `name.bias` if it has a shift.
public struct NormBlueprint: Sendable, Equatable {
  /// LayerNorm or RMSNorm.
  public var kind: NormKind
  /// The prefix of its parameters' names.
  public var name: String
  /// Whether it has a shift.
  public var hasBias: Bool
  /// The constant added to the variance.
  public var epsilon: Float
  /// The number added to its weights: 1 in Gemma, which stores their differences from 1.
  public var shift: Float

  package init(
    _ name: String, _ kind: NormKind = .layer, hasBias: Bool = true, epsilon: Float,
    shift: Float = 0
  ) {
    (self.kind, self.name) = (kind, name)
    (self.hasBias, self.epsilon, self.shift) = (hasBias, epsilon, shift)
  }
}

/// A linear layer: `name.weight` `[outputs, inputs]`, and `name.bias` if it has one.
public struct DenseBlueprint: Sendable, Equatable {
  /// The prefix of its parameters' names.
  public var name: String
  /// The width of its input.
  public var inputs: Int
  /// The width of its output.
  public var outputs: Int
  /// Whether it has a bias.
  public var hasBias: Bool

  package init(_ name: String, from inputs: Int, to outputs: Int, hasBias: Bool = true) {
    (self.name, self.inputs, self.outputs, self.hasBias) = (name, inputs, outputs, hasBias)
  }
}

/// A lookup table: `name.weight` `[rows, width]`.
public struct TableBlueprint: Sendable, Equatable {
  /// The prefix of its parameter's name.
  public var name: String
  /// The number of rows.
  public var rows: Int
  /// The row of index 0: RoBERTa's positions begin after the padding token's.
  public var offset: Int

  package init(_ name: String, rows: Int, offset: Int = 0) {
    (self.name, self.rows, self.offset) = (name, rows, offset)
  }
}

/// From token ids to the first layer's input: the sum of rows of tables, a norm, dropout, a
/// projection if the tables are narrower than the layers, and a factor.
public struct EmbeddingBlueprint: Sendable, Equatable {
  /// The prefix of all parameter names.
  public var name: String
  /// The width of the tables.
  public var width: Int
  /// The token embeddings, one row per id.
  public var words: TableBlueprint
  /// The position embeddings, one row per position; nil if only attention uses positions.
  public var positions: TableBlueprint?
  /// The token type embeddings, one row per type; nil if there are none.
  public var types: TableBlueprint?
  /// The norm of the sum.
  public var norm: NormBlueprint?
  /// The projection from the embedding size to the hidden size; nil if they are equal.
  public var projection: DenseBlueprint?
  /// The norm behind the projection; nil for none. Dropout then follows this norm.
  public var projectedNorm: NormBlueprint?
  /// The factor of the result: √hidden in Gemma.
  public var scale: Float

  package init(
    _ name: String, width: Int, words: TableBlueprint, positions: TableBlueprint? = nil,
    types: TableBlueprint? = nil, norm: NormBlueprint? = nil, projection: DenseBlueprint? = nil,
    projectedNorm: NormBlueprint? = nil, scale: Float = 1
  ) {
    (self.name, self.width, self.words, self.positions) = (name, width, words, positions)
    (self.types, self.norm, self.projection) = (types, norm, projection)
    (self.projectedNorm, self.scale) = (projectedNorm, scale)
  }
}

/// A step of the head, applied row by row.
public enum HeadStep: Sendable, Equatable {
  /// A linear layer; the last one gives the score.
  case dense(DenseBlueprint)
  /// The hyperbolic tangent.
  case tanh
  /// An activation of feed-forward layers.
  case activation(Activation)
  /// A norm.
  case norm(NormBlueprint)
  /// Dropout, at the head's rate.
  case dropout
}
