public import Tensors

/// How the rows of a packed batch belong to sequences.
public struct PackedRows: Sendable {
  /// Where each sequence starts, and the end of the last: `[sequences + 1]`.
  public let offsets: Indices
  /// What dropout knows each row by: `[rows]`.
  public let identity: Indices

  /// Offsets rise from 0 to the number of rows.
  public init(offsets: Indices, identity: Indices) {
    precondition(offsets.count > 0 && offsets[0] == 0, "the offsets do not start at 0")
    precondition(offsets[offsets.count - 1] == identity.count, "the offsets end before the rows")
    self.offsets = offsets
    self.identity = identity
  }
}

/// Multi-head attention of queries over the keys and values of their own sequence.
struct Attention {
  /// The value whose columns hold the queries, and the one that holds keys and values.
  let queries, keys: Value
  /// The first columns of keys and of values.
  let keyColumn, valueColumn: Int
  let layout: AttentionLayout
  let site: DropoutSite
  /// log Σ exp of each row of scores, `[heads, queries]`.
  let logSums: Floats

  func inputs(_ queryFloats: Floats, _ keyFloats: Floats, on tape: borrowing Tape)
    -> AttentionInputs
  {
    AttentionInputs(
      queries: queryFloats, queryStride: tape.shape(of: queries).columns,
      keys: keyFloats[keyColumn..<keyFloats.count],
      values: keyFloats[valueColumn..<keyFloats.count], keyStride: tape.shape(of: keys).columns)
  }

  func backward(_ y: Value, on tape: inout Tape) {
    // One matrix may hold all three; the first target is then the second as well.
    guard let dqueries = tape.target(queries) else { return }
    let dkeys = keys == queries ? dqueries : tape.target(keys)
    guard let dkeys else { return }
    precondition(dqueries.isFresh && dkeys.isFresh, "attention: queries or keys have another use")
    let scratch = tape.blocks.take(layout.backwardScratch)
    let dy = tape.incoming(y)
    let given = inputs(tape.values(of: queries), tape.values(of: keys), on: tape)
    let gradients = inputs(dqueries.floats, dkeys.floats, on: tape)
    timed(&tape.times.attention) {
      RowKernels.attendBackward(
        dy, given, layout, logSums: logSums, gradients: gradients, site, scratch: scratch)
    }
    tape.countAttention(layout, products: 4)
    tape.blocks.giveBack(scratch)
    tape.blocks.giveBack(logSums)
  }
}

extension Tape {
  /// Multi-head self-attention within each sequence of a packed batch.
  ///
  /// `x` `[T, 3·width]` holds queries, keys and values side by side; the result is `[T, width]`,
  /// heads side by side. Probabilities are softmax(q·k/√(width/heads)), with dropout. No more than
  /// a few rows of them exist at a time. `x` must have no other use. Below 32 bits the products of
  /// attention are in bfloat16, where the processor has it.
  public mutating func selfAttention(
    _ x: Value, _ rows: PackedRows, heads: Int, dropout rate: Float
  ) -> Value {
    let width = shape(of: x).columns / 3
    precondition(shape(of: x).columns == 3 * width, "selfAttention: x \(shape(of: x))")
    return attention(
      x, rows, x, rows.offsets, width: width, heads: heads, keyColumn: width,
      valueColumn: 2 * width, rate)
  }

  /// Multi-head attention of some rows of each sequence over all of them.
  ///
  /// `queries` `[Q, width]` are grouped by `queryRows`, `keysAndValues` `[T, 2·width]` (side by
  /// side) by `offsets`, sequence by sequence; the result is `[Q, width]`. Both must have no other
  /// use.
  public mutating func attention(
    _ queries: Value, _ queryRows: PackedRows, keysAndValues: Value, offsets: Indices, heads: Int,
    dropout rate: Float
  ) -> Value {
    let width = shape(of: queries).columns
    precondition(
      shape(of: keysAndValues).columns == 2 * width,
      "attention: queries \(shape(of: queries)), keys and values \(shape(of: keysAndValues))")
    return attention(
      queries, queryRows, keysAndValues, offsets, width: width, heads: heads, keyColumn: 0,
      valueColumn: width, rate)
  }

  private mutating func attention(
    _ queries: Value, _ queryRows: PackedRows, _ keys: Value, _ offsets: Indices, width: Int,
    heads: Int, keyColumn: Int, valueColumn: Int, _ rate: Float
  ) -> Value {
    precondition(heads > 0 && width % heads == 0, "attention: \(heads) heads of width \(width)")
    let layout = AttentionLayout(
      queryOffsets: queryRows.offsets, keyOffsets: offsets, identity: queryRows.identity,
      heads: heads, head: width / heads, inBF16: precision != .f32)
    precondition(
      layout.queries == shape(of: queries).rows && layout.keys == shape(of: keys).rows,
      "attention: the offsets end at \(layout.queries) and \(layout.keys)")
    let site = dropoutSite(rate: rate)
    let logSums = blocks.take(heads * layout.queries)
    let scratch = blocks.take(layout.forwardScratch)
    let attention = Attention(
      queries: queries, keys: keys, keyColumn: keyColumn, valueColumn: valueColumn, layout: layout,
      site: site, logSums: logSums)
    let y = append(
      .attention(attention), Shape(layout.queries, width),
      needsGradient: needsGradient(queries) || needsGradient(keys))
    let given = attention.inputs(values(of: queries), values(of: keys), on: self)
    let result = values(of: y)
    timed(&times.attention) {
      RowKernels.attend(
        given, layout, into: result, logSums: logSums, site, scratch: scratch)
    }
    countAttention(layout, products: 2)
    blocks.giveBack(scratch)
    if !isRecording { blocks.giveBack(logSums) }
    return y
  }

  mutating func countAttention(_ layout: AttentionLayout, products: Double) {
    productOperations += products * 2 * Double(layout.pairs) * Double(layout.heads * layout.head)
  }
}
