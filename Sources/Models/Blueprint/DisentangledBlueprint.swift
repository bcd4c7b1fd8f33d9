/// The relative positions of disentangled attention (DeBERTa: He et al., 2021): a table that all layers
/// share, and the products of its projections with queries and keys.
///
/// Scores are divided by √(headWidth · (1 + the number of these products)).
public struct DisentangledBlueprint: Sendable, Equatable {
  /// The projection of the table's rows to keys or to queries of positions.
  public enum Projection: Sendable, Equatable {
    /// The layer's own projection of keys or of queries.
    case shared
    /// A linear layer of its own.
    case separate(DenseBlueprint)
  }

  /// The table, `[2 · span, hidden]`; `RelativePlaces` says which row a distance has.
  public var table: TableBlueprint
  /// The norm of the table's rows; nil for none.
  public var norm: NormBlueprint?
  /// The distance up to which rows are shared logarithmically; nil if every distance has its own.
  public var maximumDistance: Int?
  /// The keys of positions, which are multiplied with queries ("c2p"); nil for none.
  public var keys: Projection?
  /// The queries of positions, which are multiplied with keys ("p2c"); nil for none.
  public var queries: Projection?

  package init(
    table: TableBlueprint, norm: NormBlueprint?, maximumDistance: Int?, keys: Projection?,
    queries: Projection?
  ) {
    (self.table, self.norm, self.maximumDistance) = (table, norm, maximumDistance)
    (self.keys, self.queries) = (keys, queries)
  }

  /// Half the number of the table's rows.
  public var span: Int { table.rows / 2 }
  /// The number of products that make up a score.
  package var terms: Int { 1 + (keys == nil ? 0 : 1) + (queries == nil ? 0 : 1) }
}
