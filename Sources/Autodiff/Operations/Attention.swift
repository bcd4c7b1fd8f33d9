public import Tensors

/// The division of the rows of a packed batch into sequences.
public struct PackedRows: Sendable {
  /// The first row of each sequence, and the end of the last: `[sequences + 1]`.
  public let offsets: Indices
  /// The number by which dropout identifies each row: `[rows]`.
  public let identity: Indices

  /// Offsets ascend from 0 to the number of rows.
  public init(offsets: Indices, identity: Indices) {
    precondition(offsets.count > 0 && offsets[0] == 0, "the offsets do not start at 0")
    precondition(offsets[offsets.count - 1] == identity.count, "the offsets end before the rows")
    self.offsets = offsets
    self.identity = identity
  }
}

/// The parameters of attention itself; nil for those that it lacks.
struct AttentionParameters {
  /// The table of biases.
  let bias: Parameter?
  let queryNorm, keyNorm: NormParameters?

  var isEmpty: Bool { bias == nil && queryNorm == nil && keyNorm == nil }

  func weights(_ values: (Parameter) -> Floats) -> AttentionWeights {
    AttentionWeights(
      bias: bias.map(values), queryNorm: queryNorm.map { $0.floats(values) },
      keyNorm: keyNorm.map { $0.floats(values) })
  }
}

extension Tape {
  /// For each row of a packed batch the one `distance` rows behind it in its sequence, and the
  /// number of rows beyond the ends of a sequence; retained until the tape is reset.
  package mutating func neighbours(of rows: PackedRows, at distance: Int) -> Indices {
    blocks.take(
      rowsShiftedBy: distance, within: rows.offsets, missing: rows.offsets[rows.offsets.count - 1])
  }
}

/// The places of queries, keys and values.
struct AttentionSources {
  /// The value whose columns hold the queries, and the one that holds keys and values.
  let queries, keys: Value
  /// The first columns of keys and of values.
  let keyColumn, valueColumn: Int

  func inputs(_ queryFloats: Floats, _ keyFloats: Floats, on tape: borrowing Tape)
    -> AttentionInputs
  {
    AttentionInputs(
      queries: queryFloats, queryStride: tape.shape(of: queries).columns,
      keys: keyFloats[keyColumn..<keyFloats.count],
      values: keyFloats[valueColumn..<keyFloats.count], keyStride: tape.shape(of: keys).columns)
  }

  func values(on tape: borrowing Tape) -> AttentionInputs {
    inputs(tape.values(of: queries), tape.values(of: keys), on: tape)
  }

  /// The gradients by queries and by keys and values; nil where one is not needed. One matrix may hold
  /// all three: then both are the same.
  func targets(on tape: inout Tape) -> (queries: Tape.Target, keys: Tape.Target)? {
    guard let dqueries = tape.target(queries) else { return nil }
    let dkeys = keys == queries ? dqueries : tape.target(keys)
    guard let dkeys else { return nil }
    precondition(dqueries.isFresh && dkeys.isFresh, "attention: queries or keys have another use")
    return (dqueries, dkeys)
  }
}

/// Multi-head attention of queries over the keys and values of their own sequence.
struct Attention {
  let sources: AttentionSources
  let layout: AttentionLayout
  let parameters: AttentionParameters
  let site: DropoutSite
  /// log Σ exp of each row of scores, `[heads, queries]`.
  let logSums: Floats

  func backward(_ y: Value, on tape: inout Tape) {
    guard let targets = sources.targets(on: &tape) else { return }
    let scratch = tape.blocks.take(layout.backwardScratch)
    let dy = tape.incoming(y)
    let given = sources.values(on: tape)
    let gradients = sources.inputs(targets.queries.floats, targets.keys.floats, on: tape)
    let weights = parameters.weights { tape.weights($0) }
    let slopes = parameters.weights { tape.weightGradients($0) }
    timed(&tape.times.attention) {
      RowKernels.attendBackward(
        dy, given, layout, weights, slopes: slopes, logSums: logSums, gradients: gradients, site,
        scratch: scratch)
    }
    tape.countAttention(layout, products: 4)
    tape.blocks.giveBack(scratch)
    tape.blocks.giveBack(logSums)
  }
}

extension Tape {
  /// Multi-head self-attention within each sequence of a packed batch.
  ///
  /// `x` `[T, queryColumns + 2 · keyColumns]` holds queries, keys and values side by side; the
  /// result is `[T, queryColumns]`, heads side by side. No more than a few rows of probabilities
  /// exist at a time, and the work is proportional to the number of query-key pairs that the mask
  /// admits. `x` must have no other use. In precisions below 32 bits the products of attention are
  /// in bfloat16, if the processor supports it.
  public mutating func selfAttention(
    _ x: Value, _ rows: PackedRows, _ options: AttentionOptions
  ) -> Value {
    let (width, keyWidth) = (options.queryColumns, options.keyColumns)
    precondition(
      shape(of: x).columns == width + 2 * keyWidth,
      "selfAttention: x \(shape(of: x)), \(width) columns of queries, \(keyWidth) of keys")
    return attention(
      x, rows, x, rows.offsets, keyColumn: width, valueColumn: width + keyWidth, .first, options)
  }

  /// Multi-head attention of some rows of each sequence over all of them.
  ///
  /// `queries` `[Q, queryColumns]` are grouped by `queryRows`, `keysAndValues` `[T, 2 ·
  /// keyColumns]` (side by side) by `offsets`, sequence by sequence; the result is `[Q,
  /// queryColumns]`. Both must have no other use. `placement` gives the rows of the queries in
  /// their sequences, for masks and positions that depend on them.
  public mutating func attention(
    _ queries: Value, _ queryRows: PackedRows, _ placement: QueryPlacement = .first,
    keysAndValues: Value, offsets: Indices, _ options: AttentionOptions
  ) -> Value {
    precondition(
      shape(of: queries).columns == options.queryColumns
        && shape(of: keysAndValues).columns == 2 * options.keyColumns,
      """
      attention: queries \(shape(of: queries)), keys and values \(shape(of: keysAndValues)), \
      \(options.queryColumns) and \(options.keyColumns) columns
      """)
    return attention(
      queries, queryRows, keysAndValues, offsets, keyColumn: 0, valueColumn: options.keyColumns,
      placement, options)
  }

  /// Full self-attention without positions, with one key and value head per query head: `x` `[T, 3
  /// · width]`, the result `[T, width]`.
  public mutating func selfAttention(
    _ x: Value, _ rows: PackedRows, heads: Int, dropout rate: Float
  ) -> Value {
    selfAttention(x, rows, .plain(shape(of: x).columns / 3, heads: heads, dropout: rate))
  }

  /// Full attention of some rows without positions, with one key and value head per query head:
  /// `queries` `[Q, width]`, `keysAndValues` `[T, 2 · width]`, the result `[Q, width]`.
  public mutating func attention(
    _ queries: Value, _ queryRows: PackedRows, keysAndValues: Value, offsets: Indices, heads: Int,
    dropout rate: Float
  ) -> Value {
    attention(
      queries, queryRows, keysAndValues: keysAndValues, offsets: offsets,
      .plain(shape(of: queries).columns, heads: heads, dropout: rate))
  }

  private mutating func attention(
    _ queries: Value, _ queryRows: PackedRows, _ keys: Value, _ offsets: Indices, keyColumn: Int,
    valueColumn: Int, _ placement: QueryPlacement, _ options: AttentionOptions
  ) -> Value {
    options.check()
    let layout = AttentionLayout(
      queryOffsets: queryRows.offsets, keyOffsets: offsets, identity: queryRows.identity,
      form: options.form(placement), inBF16: precision != .f32)
    precondition(
      layout.queries == shape(of: queries).rows && layout.keys == shape(of: keys).rows,
      "attention: the offsets end at \(layout.queries) and \(layout.keys)")
    let site = dropoutSite(rate: options.dropout)
    let logSums = blocks.take(options.heads * layout.queries)
    let scratch = blocks.take(layout.forwardScratch)
    let attention = Attention(
      sources: AttentionSources(
        queries: queries, keys: keys, keyColumn: keyColumn, valueColumn: valueColumn),
      layout: layout, parameters: options.parameters, site: site, logSums: logSums)
    if let bias = options.bias { checkIsMultiplied(bias.table) }
    precondition(
      attention.parameters.isEmpty || !isRecording || needsGradient(queries) && needsGradient(keys),
      "attention: a bias or norm with a gradient beside queries or keys without one")
    let y = append(
      .attention(attention), Shape(layout.queries, options.queryColumns),
      needsGradient: needsGradient(queries) || needsGradient(keys))
    let given = attention.sources.values(on: self)
    let learned = attention.parameters.weights { weights($0) }
    let result = values(of: y)
    timed(&times.attention) {
      RowKernels.attend(
        given, layout, learned, into: result, logSums: logSums, site, scratch: scratch)
    }
    countAttention(layout, products: 2)
    blocks.giveBack(scratch)
    if !isRecording { blocks.giveBack(logSums) }
    return y
  }

  mutating func countAttention(_ layout: AttentionLayout, products: Double) {
    productOperations +=
      products * 2 * Double(layout.pairs) * Double(layout.form.heads * layout.form.head)
  }
}

extension AttentionOptions {
  fileprivate var parameters: AttentionParameters {
    AttentionParameters(bias: bias?.table, queryNorm: queryNorm, keyNorm: keyNorm)
  }

  fileprivate static func plain(
    _ width: Int, heads: Int, dropout rate: Float
  ) -> AttentionOptions {
    precondition(heads > 0 && width % heads == 0, "attention: \(heads) heads of width \(width)")
    var options = AttentionOptions(heads: heads, headWidth: width / heads)
    options.dropout = rate
    return options
  }
}
