public import Tensors

/// Multi-head attention with queries and keys of relative positions.
struct DisentangledAttention {
  let sources: AttentionSources
  /// The projections of positions.
  let positions: Value
  let layout: AttentionLayout
  let rows: PositionRows
  /// Whether the projections hold queries, and whether they hold keys.
  let hasQueries, hasKeys: Bool
  let site: DropoutSite
  /// log Σ exp of each row of scores, `[heads, queries]`.
  let logSums: Floats

  func inputs(_ positionFloats: Floats) -> PositionInputs {
    let width = layout.form.heads * layout.form.head
    let first = hasQueries ? width : 0
    return PositionInputs(
      keys: hasKeys ? positionFloats[first..<positionFloats.count] : nil,
      queries: hasQueries ? positionFloats : nil, stride: first + (hasKeys ? width : 0))
  }

  func backward(_ y: Value, on tape: inout Tape) {
    guard let targets = sources.targets(on: &tape), let dpositions = tape.target(positions) else {
      return
    }
    if dpositions.isFresh { dpositions.floats.fill(0) }
    let scratch = tape.blocks.take(layout.disentangledBackwardScratch)
    let dy = tape.incoming(y)
    let given = sources.values(on: tape)
    let gradients = sources.inputs(targets.queries.floats, targets.keys.floats, on: tape)
    let (places, dplaces) = (inputs(tape.values(of: positions)), inputs(dpositions.floats))
    timed(&tape.times.attention) {
      RowKernels.attendDisentangledBackward(
        dy, given, places, rows, layout, logSums: logSums, gradients: gradients,
        positionGradients: dplaces, site, scratch: scratch)
    }
    // A gradient by both factors of every product; scores that are computed again do not count.
    let terms = 1 + (hasQueries ? 1.0 : 0) + (hasKeys ? 1.0 : 0)
    tape.countAttention(layout, products: 2 + 2 * terms)
    tape.blocks.giveBack(scratch)
    tape.blocks.giveBack(logSums)
  }
}

extension Tape {
  /// Disentangled self-attention within each sequence of a packed batch.
  ///
  /// `x` `[T, 3 · columns]` holds queries, keys and values side by side; the result is `[T,
  /// columns]`, heads side by side. `x` must have no other use. The positions have rows for the
  /// longest sequence. In precisions below 32 bits the products are in bfloat16, if the processor
  /// supports it.
  public mutating func disentangledAttention(
    _ x: Value, _ rows: PackedRows, _ positions: PositionProjections, _ options: DisentangledOptions
  ) -> Value {
    precondition(
      shape(of: x).columns == 3 * options.columns,
      "disentangledAttention: x \(shape(of: x)), \(options.columns) columns of queries")
    return disentangledAttention(
      x, rows, .first, x, rows.offsets, keyColumn: options.columns, positions, options)
  }

  /// Disentangled attention of some rows of each sequence over all of them, the first or the last:
  /// `queries` `[Q, columns]`, `keysAndValues` `[T, 2 · columns]`, the result `[Q, columns]`. All
  /// must have no other use.
  public mutating func disentangledAttention(
    _ queries: Value, _ queryRows: PackedRows, _ placement: QueryPlacement, keysAndValues: Value,
    offsets: Indices, _ positions: PositionProjections, _ options: DisentangledOptions
  ) -> Value {
    precondition(
      shape(of: queries).columns == options.columns
        && shape(of: keysAndValues).columns == 2 * options.columns,
      """
      disentangledAttention: queries \(shape(of: queries)), keys and values \
      \(shape(of: keysAndValues)), \(options.columns) columns
      """)
    return disentangledAttention(
      queries, queryRows, placement, keysAndValues, offsets, keyColumn: 0, positions, options)
  }

  private mutating func disentangledAttention(
    _ queries: Value, _ queryRows: PackedRows, _ placement: QueryPlacement, _ keys: Value,
    _ offsets: Indices, keyColumn: Int, _ positions: PositionProjections,
    _ options: DisentangledOptions
  ) -> Value {
    let layout = AttentionLayout(
      queryOffsets: queryRows.offsets, keyOffsets: offsets, identity: queryRows.identity,
      form: options.form(placement), inBF16: precision != .f32)
    precondition(
      layout.queries == shape(of: queries).rows && layout.keys == shape(of: keys).rows,
      "disentangledAttention: the offsets end at \(layout.queries) and \(layout.keys)")
    precondition(
      shape(of: positions.value) == Shape(positions.range.count, options.positionColumns),
      "disentangledAttention: positions \(shape(of: positions.value)) of rows \(positions.range)")
    let isTrained = needsGradient(queries)
    precondition(
      !isRecording
        || needsGradient(keys) == isTrained && needsGradient(positions.value) == isTrained,
      "disentangledAttention: some of queries, keys and positions have a gradient, some have none")
    let site = dropoutSite(rate: options.dropout)
    let logSums = blocks.take(options.heads * layout.queries)
    let scratch = blocks.take(layout.disentangledScratch)
    let attention = DisentangledAttention(
      sources: AttentionSources(
        queries: queries, keys: keys, keyColumn: keyColumn,
        valueColumn: keyColumn + options.columns),
      positions: positions.value, layout: layout,
      rows: PositionRows(options.places, positions.range), hasQueries: options.hasPositionQueries,
      hasKeys: options.hasPositionKeys, site: site, logSums: logSums)
    let y = append(
      .disentangledAttention(attention), Shape(layout.queries, options.columns),
      needsGradient: isTrained)
    let given = attention.sources.values(on: self)
    let places = attention.inputs(values(of: positions.value))
    let result = values(of: y)
    timed(&times.attention) {
      RowKernels.attendDisentangled(
        given, places, attention.rows, layout, into: result, logSums: logSums, site,
        scratch: scratch)
    }
    countAttention(layout, products: 1 + Double(options.positionColumns / options.columns + 1))
    blocks.giveBack(scratch)
    if !isRecording { blocks.giveBack(logSums) }
    return y
  }
}

extension PackedRows {
  /// The length of the longest sequence.
  package var longest: Int {
    var longest = 0
    for sequence in 1..<offsets.count {
      longest = max(longest, offsets[sequence] - offsets[sequence - 1])
    }
    return longest
  }
}
