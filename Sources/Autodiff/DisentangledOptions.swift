public import Tensors

/// The settings of disentangled attention (DeBERTa: He et al., 2021): softmax(scale · (q·k +
/// q·positionKey + k·positionQuery)), with dropout, times the values. Both products with positions
/// take the row of the query's distance from the key.
public struct DisentangledOptions: Sendable {
  /// The number of heads.
  public var heads: Int
  /// The number of columns per head.
  public var headWidth: Int
  /// The rows of the table of relative positions by distance.
  public var places: RelativePlaces
  /// Whether scores have the products of queries with keys of positions ("c2p").
  public var hasPositionKeys: Bool
  /// Whether scores have the products of keys with queries of positions ("p2c").
  public var hasPositionQueries: Bool
  /// The dropout rate of the attention probabilities.
  public var dropout: Float = 0

  /// At least one of the two products with positions.
  public init(
    heads: Int, headWidth: Int, places: RelativePlaces, hasPositionKeys: Bool,
    hasPositionQueries: Bool
  ) {
    precondition(hasPositionKeys || hasPositionQueries, "disentangled attention without positions")
    (self.heads, self.headWidth, self.places) = (heads, headWidth, places)
    (self.hasPositionKeys, self.hasPositionQueries) = (hasPositionKeys, hasPositionQueries)
  }

  /// The number of columns of queries, of keys, of values and of the result.
  public var columns: Int { heads * headWidth }

  /// The number of columns of the matrix of positions: queries, then keys, as far as there are any.
  public var positionColumns: Int { columns * (terms - 1) }

  /// The factor of all products: 1/√(headWidth · terms).
  public var scale: Float { 1 / Float(headWidth * terms).squareRoot() }

  /// The number of products that make up a score.
  private var terms: Int { 1 + (hasPositionKeys ? 1 : 0) + (hasPositionQueries ? 1 : 0) }

  /// Full attention in the form of a layout: the positions come beside it.
  func form(_ placement: QueryPlacement) -> AttentionForm {
    AttentionForm(
      heads: heads, keyValueHeads: heads, head: headWidth, scale: scale, mask: .full,
      placement: placement, rotary: nil, buckets: nil)
  }
}

/// The projections of relative positions that a batch needs, as a value of the tape.
public struct PositionProjections: Sendable {
  /// `[range.count, positionColumns]`.
  public let value: Value
  /// The rows of the table that `value` was computed from.
  public let range: Range<Int>

  /// One row of `value` for each row of the range.
  public init(_ value: Value, _ range: Range<Int>) { (self.value, self.range) = (value, range) }
}
