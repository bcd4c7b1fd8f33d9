public import Tensors

/// A trainable bias of attention scores that depends on the distance between key and query alone
/// (T5: Raffel et al., 2020). Layers may share one.
public struct RelativePositionBias: Sendable {
  /// `[buckets, heads]`.
  public let table: Parameter
  /// The mapping of distances to rows of the table.
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

/// The settings of multi-head attention: softmax(scale · q·k + bias) over the keys that the mask
/// admits, with dropout, times the values. Queries and keys may have norms before they are rotated,
/// and scores a cap.
///
/// Query heads are side by side, `heads · headWidth` columns, and so are key and value heads,
/// `keyValueHeads · headWidth` columns each. Key and value head g serves the heads / keyValueHeads
/// query heads from g · heads / keyValueHeads on (Ainslie et al., 2023).
public struct AttentionOptions: Sendable {
  /// The number of query heads.
  public var heads: Int
  /// The number of key and value heads; it divides `heads`.
  public var keyValueHeads: Int
  /// The number of columns per head.
  public var headWidth: Int
  /// Which keys a query attends to.
  public var mask = AttentionMask.full
  /// The rotary position embedding of queries and keys; nil for none.
  public var rotary: RotaryTable?
  /// The bias added to attention scores by distance; nil for none.
  public var bias: RelativePositionBias?
  /// The norm of each head's queries, `[headWidth]`, before their rotation; nil for none.
  public var queryNorm: NormParameters?
  /// The norm of each head's keys; nil for none.
  public var keyNorm: NormParameters?
  /// The bound of scores: cap · tanh(score / cap) (Gemma 2); nil for none.
  public var cap: Float?
  /// The factor of the products of queries and keys.
  public var scale: Float
  /// The dropout rate of the attention probabilities.
  public var dropout: Float = 0

  /// Full attention without positions; `keyValueHeads` defaults to `heads` and `scale` to
  /// 1/√headWidth.
  public init(heads: Int, keyValueHeads: Int? = nil, headWidth: Int, scale: Float? = nil) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.headWidth = headWidth
    self.scale = scale ?? 1 / Float(headWidth).squareRoot()
  }

  /// The number of columns of queries and of the result.
  public var queryColumns: Int { heads * headWidth }
  /// The number of columns of keys, and of values.
  public var keyColumns: Int { keyValueHeads * headWidth }

  /// Traps if options contradict each other.
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
    // Without arrays: attention checks its options in every pass.
    precondition(
      isHeadNorm(queryNorm) && isHeadNorm(keyNorm),
      "attention: norms of heads of \(headWidth) columns are RMSNorms without a bias")
    precondition((cap ?? 1) > 0, "attention: a cap of \(cap ?? 0)")
  }

  private func isHeadNorm(_ norm: NormParameters?) -> Bool {
    guard let norm else { return true }
    return norm.width == headWidth && norm.kind == .rms && norm.beta == nil
  }

  func form(_ placement: QueryPlacement) -> AttentionForm {
    AttentionForm(
      heads: heads, keyValueHeads: keyValueHeads, head: headWidth, scale: scale, mask: mask,
      placement: placement, rotary: rotary, buckets: bias?.buckets,
      hasNorms: queryNorm != nil || keyNorm != nil, cap: cap)
  }
}
