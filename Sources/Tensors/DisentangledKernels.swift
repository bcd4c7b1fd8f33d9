import CKernels

/// The keys and queries of relative positions in disentangled attention, or their gradients: columns
/// of one matrix. Either may be missing.
package struct PositionInputs: Sendable {
  package let keys: Floats?
  package let queries: Floats?
  /// The number of columns of the matrix.
  package let stride: Int

  package init(keys: Floats?, queries: Floats?, stride: Int) {
    self.keys = keys
    self.queries = queries
    self.stride = stride
  }
}

/// The rows of a table of relative positions that a batch needs.
package struct PositionRows: Sendable {
  package let places: RelativePlaces
  /// The rows of the table that the matrix of positions has.
  package let range: Range<Int>

  package init(_ places: RelativePlaces, _ range: Range<Int>) {
    self.places = places
    self.range = range
  }
}

extension AttentionLayout {
  /// The number of floats of working memory for the forward pass of disentangled attention.
  package var disentangledScratch: Int {
    let kernel = inBF16 ? ltr_disentangled_scratch_bf16 : ltr_disentangled_scratch
    return kernel(longest, form.head)
  }
  /// The number of floats of working memory for its backward pass.
  package var disentangledBackwardScratch: Int {
    let kernel = inBF16 ? ltr_disentangled_backward_scratch_bf16 : ltr_disentangled_backward_scratch
    return kernel(longest, form.head)
  }
}

extension RowKernels {
  /// Disentangled attention: `out` `[queries, heads·head]`; `logSums` `[heads, queries]` is saved for
  /// the backward pass.
  package static func attendDisentangled(
    _ inputs: AttentionInputs, _ positions: PositionInputs, _ rows: PositionRows,
    _ layout: AttentionLayout, into out: Floats, logSums: Floats, _ site: DropoutSite,
    scratch: Floats
  ) {
    check(inputs, layout)
    check(positions, rows, layout)
    let width = layout.form.heads * layout.form.head
    precondition(
      out.count == layout.queries * width && scratch.count >= layout.disentangledScratch)
    precondition(logSums.count == layout.form.heads * layout.queries)
    var arguments = unsafe kernelArguments(inputs, positions, rows, layout, site)
    let kernel = unsafe layout.inBF16 ? ltr_disentangled_attend_bf16 : ltr_disentangled_attend
    unsafe kernel(&arguments, out.start, width, logSums.start, scratch.start)
  }

  /// Writes the gradients of queries, keys and values; adds to those of positions.
  package static func attendDisentangledBackward(
    _ dout: Floats, _ inputs: AttentionInputs, _ positions: PositionInputs, _ rows: PositionRows,
    _ layout: AttentionLayout, logSums: Floats, gradients: AttentionInputs,
    positionGradients: PositionInputs, _ site: DropoutSite, scratch: Floats
  ) {
    check(inputs, layout)
    check(gradients, layout)
    check(positions, rows, layout)
    check(positionGradients, rows, layout)
    let width = layout.form.heads * layout.form.head
    precondition(
      dout.count == layout.queries * width && scratch.count >= layout.disentangledBackwardScratch)
    precondition(
      gradients.queryStride == inputs.queryStride && gradients.keyStride == inputs.keyStride
        && positionGradients.stride == positions.stride
        && (positionGradients.keys == nil) == (positions.keys == nil)
        && (positionGradients.queries == nil) == (positions.queries == nil))
    var arguments = unsafe kernelArguments(inputs, positions, rows, layout, site)
    let kernel =
      unsafe layout.inBF16
      ? ltr_disentangled_attend_backward_bf16 : ltr_disentangled_attend_backward
    unsafe kernel(
      &arguments, dout.start, width, logSums.start, gradients.queries.start, gradients.keys.start,
      gradients.values.start, positionGradients.keys?.start, positionGradients.queries?.start,
      scratch.start)
  }

  private static func kernelArguments(
    _ inputs: AttentionInputs, _ positions: PositionInputs, _ rows: PositionRows,
    _ layout: AttentionLayout, _ site: DropoutSite
  ) -> ltr_disentangled_attention {
    unsafe ltr_disentangled_attention(
      rows: kernelArguments(inputs, layout, site), scale: layout.form.scale,
      at_end: layout.form.placement == .last,
      position_keys: positions.keys.map { unsafe UnsafePointer($0.start) },
      position_queries: positions.queries.map { unsafe UnsafePointer($0.start) },
      position_stride: positions.stride, places: rows.places.numbers.start,
      reach: rows.places.reach, first_place: rows.range.lowerBound)
  }

  private static func check(
    _ positions: PositionInputs, _ rows: PositionRows, _ layout: AttentionLayout
  ) {
    let form = layout.form
    precondition(
      form.mask == .full && form.keyValueHeads == form.heads && form.rotary == nil
        && form.buckets == nil, "disentangled attention in another form")
    precondition(
      layout.longest <= rows.places.reach + 1, "a sequence of \(layout.longest) rows, too long")
    let needed = rows.places.places(ofLength: layout.longest)
    precondition(
      rows.range.lowerBound <= needed.lowerBound && needed.upperBound <= rows.range.upperBound,
      "rows \(rows.range) of relative positions for distances of rows \(needed)")
    let count = (rows.range.count - 1) * positions.stride + form.heads * form.head
    precondition((positions.keys?.count ?? count) >= count)
    precondition((positions.queries?.count ?? count) >= count)
    for sequence in 0..<layout.sequences where form.placement == .last {
      let queries = layout.queryOffsets[sequence + 1] - layout.queryOffsets[sequence]
      let keys = layout.keyOffsets[sequence + 1] - layout.keyOffsets[sequence]
      precondition(queries <= keys, "\(queries) queries in a sequence of \(keys) rows")
    }
  }
}
