public import Tensors

/// A norm over the columns of a row: `name.weight`, and `name.bias` where it has a shift.
public struct NormBlueprint: Sendable, Equatable {
  /// LayerNorm or RMSNorm.
  public var kind: NormKind
  /// What its parameters' names begin with.
  public var name: String
  /// Whether it has a shift.
  public var hasBias: Bool
  /// What is added to the variance.
  public var epsilon: Float

  package init(_ name: String, _ kind: NormKind = .layer, hasBias: Bool = true, epsilon: Float) {
    (self.kind, self.name) = (kind, name)
    (self.hasBias, self.epsilon) = (hasBias, epsilon)
  }
}

/// A linear layer: `name.weight` `[outputs, inputs]`, and `name.bias` where it has one.
public struct DenseBlueprint: Sendable, Equatable {
  /// What its parameters' names begin with.
  public var name: String
  /// The width of what it reads.
  public var inputs: Int
  /// The width of its result.
  public var outputs: Int
  /// Whether it has a bias.
  public var hasBias: Bool

  package init(_ name: String, from inputs: Int, to outputs: Int, hasBias: Bool = true) {
    (self.name, self.inputs, self.outputs, self.hasBias) = (name, inputs, outputs, hasBias)
  }
}

/// A table of which rows are looked up: `name.weight` `[rows, width]`.
public struct TableBlueprint: Sendable, Equatable {
  /// What its parameter's name begins with.
  public var name: String
  /// How many rows it has.
  public var rows: Int
  /// The row of the first index: positions of RoBERTa's kind begin behind the padding token's.
  public var offset: Int

  package init(_ name: String, rows: Int, offset: Int = 0) {
    (self.name, self.rows, self.offset) = (name, rows, offset)
  }
}

/// From token ids to the first layer's input: rows of tables added up, a norm, dropout, and a
/// projection where the tables are narrower than the layers.
public struct EmbeddingBlueprint: Sendable, Equatable {
  /// What the names of all parameters begin with.
  public var name: String
  /// The width of the tables.
  public var width: Int
  /// One row a token id.
  public var words: TableBlueprint
  /// One row a position; nil where attention alone knows positions.
  public var positions: TableBlueprint?
  /// One row a token type; nil where there are none.
  public var types: TableBlueprint?
  /// The norm of the sum.
  public var norm: NormBlueprint?
  /// From the tables' width to the layers'.
  public var projection: DenseBlueprint?

  package init(
    _ name: String, width: Int, words: TableBlueprint, positions: TableBlueprint? = nil,
    types: TableBlueprint? = nil, norm: NormBlueprint? = nil, projection: DenseBlueprint? = nil
  ) {
    (self.name, self.width, self.words, self.positions) = (name, width, words, positions)
    (self.types, self.norm, self.projection) = (types, norm, projection)
  }
}

/// A step of a head, row by row.
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
