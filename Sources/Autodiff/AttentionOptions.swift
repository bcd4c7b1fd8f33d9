public import Tensors

/// A trainable bias of attention scores that depends on the distance between key and query alone
/// (T5: Raffel et al., 2020). Layers may share one.
public struct RelativePositionBias: Sendable {
  /// `[buckets, heads]`.
  public let table: Parameter
  /// Which distances share a row of the table.
  public let buckets: RelativeBuckets

  /// The table has one row for each bucket.
  public init(table: Parameter, buckets: RelativeBuckets) {
    precondition(
      table.shape.rank == 2 && table.shape[0] == buckets.count,
      "a table \(table.shape) for \(buckets.count) buckets")
    self.table = table
    self.buckets = buckets
  }
}

/// What multi-head attention computes: softmax(scale · q·k + bias) over the keys that the mask
/// lets through, with dropout, times the values.
///
/// Query heads lie side by side, `heads · headWidth` columns, and so do key and value heads,
/// `keyValueHeads · headWidth` columns each. Key and value head g serves the heads / keyValueHeads
/// query heads from g · heads / keyValueHeads on (Ainslie et al., 2023).
public struct AttentionOptions: Sendable {
  /// How many heads queries have.
  public var heads: Int
  /// How many heads keys and values have; it divides `heads`.
  public var keyValueHeads: Int
  /// How many columns a head has.
  public var headWidth: Int
  /// Which keys a query attends to.
  public var mask = AttentionMask.full
  /// What rotates queries and keys by their positions in their sequences; nil for nothing.
  public var rotary: RotaryTable?
  /// What is added to scores by distance; nil for nothing.
  public var bias: RelativePositionBias?
  /// What products of queries and keys are multiplied by.
  public var scale: Float
  /// The rate at which probabilities are dropped.
  public var dropout: Float = 0

  /// Full attention without positions; `keyValueHeads` are as many as `heads` and `scale` is
  /// 1/√headWidth unless given.
  public init(heads: Int, keyValueHeads: Int? = nil, headWidth: Int, scale: Float? = nil) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.headWidth = headWidth
    self.scale = scale ?? 1 / Float(headWidth).squareRoot()
  }

  /// How many columns queries and the result have.
  public var queryColumns: Int { heads * headWidth }
  /// How many columns keys have, and values.
  public var keyColumns: Int { keyValueHeads * headWidth }

  /// Stops at options that contradict each other.
  func check() {
    precondition(
      heads > 0 && keyValueHeads > 0 && heads % keyValueHeads == 0 && headWidth > 0,
      "attention: \(heads) heads, \(keyValueHeads) of keys and values, of width \(headWidth)")
    precondition(
      rotary.map { $0.width == headWidth } ?? true,
      "attention: rotary positions of width \(rotary?.width ?? 0) for heads of \(headWidth)")
    precondition(
      bias.map { $0.table.shape[1] == heads } ?? true,
      "attention: a bias \(bias.map { "\($0.table.shape)" } ?? "") for \(heads) heads")
    precondition((mask.before ?? 0) >= 0, "attention: mask \(mask)")
  }

  func form(_ placement: QueryPlacement) -> AttentionForm {
    AttentionForm(
      heads: heads, keyValueHeads: keyValueHeads, head: headWidth, scale: scale, mask: mask,
      placement: placement, rotary: rotary, buckets: bias?.buckets)
  }
}
