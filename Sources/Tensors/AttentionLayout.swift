import CKernels

/// The form of attention for each head, independent of the rows of a batch.
package struct AttentionForm: Sendable {
  package let heads: Int
  package let keyValueHeads: Int
  package let head: Int
  package let scale: Float
  package let mask: AttentionMask
  package let placement: QueryPlacement
  package let rotary: RotaryTable?
  /// The buckets of a position bias; nil without one.
  package let buckets: RelativeBuckets?
  /// Whether the rows of queries or keys have norms.
  package let hasNorms: Bool
  /// The cap of scores; nil for none.
  package let cap: Float?

  package init(
    heads: Int, keyValueHeads: Int, head: Int, scale: Float, mask: AttentionMask,
    placement: QueryPlacement, rotary: RotaryTable?, buckets: RelativeBuckets?,
    hasNorms: Bool = false, cap: Float? = nil
  ) {
    precondition(heads > 0 && keyValueHeads > 0 && heads % keyValueHeads == 0 && head > 0)
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.head = head
    self.scale = scale
    self.mask = mask
    self.placement = placement
    self.rotary = rotary
    self.buckets = buckets
    self.hasNorms = hasNorms
    self.cap = cap
  }

  /// Whether the form is BERT's, without positions and with separate keys for every head; such
  /// attention has specialised kernels.
  var isPlain: Bool {
    mask == .full && rotary == nil && buckets == nil && keyValueHeads == heads
      && scale == 1 / Float(head).squareRoot() && !hasNorms && cap == nil
  }

  /// Whether a query's position in its sequence matters.
  var knowsPositions: Bool { mask != .full || rotary != nil || buckets != nil }
}

/// The sequences of queries and of keys in a packed batch, and the form of attention.
package struct AttentionLayout: Sendable {
  package let queryOffsets: Indices
  package let keyOffsets: Indices
  package let identity: Indices
  package let form: AttentionForm
  /// Whether the operands of products are rounded to bfloat16.
  package let inBF16: Bool

  /// `inBF16` requests products in bfloat16; the property is true only if the processor supports
  /// them.
  package init(
    queryOffsets: Indices, keyOffsets: Indices, identity: Indices, form: AttentionForm,
    inBF16: Bool
  ) {
    precondition(queryOffsets.count == keyOffsets.count && queryOffsets.count > 0)
    self.queryOffsets = queryOffsets
    self.keyOffsets = keyOffsets
    self.identity = identity
    self.form = form
    self.inBF16 = inBF16 && RowKernels.hasBF16Attention
    if form.knowsPositions { checkPositions() }
  }

  /// The number of sequences.
  package var sequences: Int { queryOffsets.count - 1 }
  /// The number of rows of queries.
  package var queries: Int { queryOffsets[sequences] }
  /// The number of rows of keys and values.
  package var keys: Int { keyOffsets[sequences] }

  /// The numbers of rows of queries and of keys of a sequence.
  private func lengths(_ sequence: Int) -> (queries: Int, keys: Int) {
    (
      queryOffsets[sequence + 1] - queryOffsets[sequence],
      keyOffsets[sequence + 1] - keyOffsets[sequence]
    )
  }

  /// The length of the longest sequence of keys.
  package var longest: Int {
    var longest = 0
    for s in 0..<sequences { longest = max(longest, lengths(s).keys) }
    return longest
  }

  /// The number of pairs of a query and a key that the mask allows, over all sequences.
  package var pairs: Int {
    var pairs = 0
    for s in 0..<sequences {
      let (queries, keys) = lengths(s)
      if form.mask == .full {
        pairs += queries * keys
      } else {
        let first = form.placement == .first ? 0 : keys - queries
        for row in 0..<queries { pairs += form.mask.keys(of: first + row, among: keys).count }
      }
    }
    return pairs
  }

  /// Checks that queries have positions in their sequences, and that the table of rotations covers
  /// them.
  private func checkPositions() {
    for s in 0..<sequences {
      let (queries, keys) = lengths(s)
      precondition(queries <= keys, "attention: \(queries) queries in a sequence of \(keys) rows")
      precondition(
        form.rotary.map { keys <= $0.positions } ?? true,
        "attention: a sequence of \(keys) rows, rotary positions for \(form.rotary?.positions ?? 0)"
      )
    }
  }
}
