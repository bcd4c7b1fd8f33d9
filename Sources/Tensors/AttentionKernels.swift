import CKernels

/// Queries, keys and values of multi-head attention in a packed batch, or their gradients: columns
/// of one or two matrices.
package struct AttentionInputs: Sendable {
  package let queries: Floats
  package let queryStride: Int
  package let keys: Floats
  package let values: Floats
  package let keyStride: Int

  package init(
    queries: Floats, queryStride: Int, keys: Floats, values: Floats, keyStride: Int
  ) {
    self.queries = queries
    self.queryStride = queryStride
    self.keys = keys
    self.values = values
    self.keyStride = keyStride
  }
}

extension AttentionLayout {
  /// How many floats of working memory the forward pass needs.
  package var forwardScratch: Int {
    inBF16
      ? ltr_attention_scratch_bf16(longest, form.head) : ltr_attention_scratch(longest, form.head)
  }
  /// How many the backward pass needs.
  package var backwardScratch: Int {
    inBF16
      ? ltr_attention_backward_scratch_bf16(longest, form.head)
      : ltr_attention_backward_scratch(longest, form.head)
  }
}

extension RowKernels {
  /// Whether attention's products in bfloat16 are for this processor.
  package static var hasBF16Attention: Bool { ltr_has_bf16_attention() }

  /// `out` `[queries, heads·head]`; `logSums` `[heads, queries]` is kept.
  package static func attend(
    _ inputs: AttentionInputs, _ layout: AttentionLayout, bias: Floats?, into out: Floats,
    logSums: Floats, _ site: DropoutSite, scratch: Floats
  ) {
    check(inputs, layout)
    precondition(layout.form.isPlain)
    let width = layout.form.heads * layout.form.head
    precondition(out.count == layout.queries * width && scratch.count >= layout.forwardScratch)
    precondition(logSums.count == layout.form.heads * layout.queries)
    var arguments = unsafe kernelArguments(inputs, layout, site)
    let kernel = unsafe layout.inBF16 ? ltr_attend_bf16 : ltr_attend
    unsafe kernel(&arguments, out.start, width, logSums.start, scratch.start)
  }

  /// Writes the gradients of queries, keys and values.
  package static func attendBackward(
    _ dout: Floats, _ inputs: AttentionInputs, _ layout: AttentionLayout,
    bias: (Floats, gradient: Floats)?, logSums: Floats, gradients: AttentionInputs,
    _ site: DropoutSite, scratch: Floats
  ) {
    precondition(layout.form.isPlain)
    check(inputs, layout)
    check(gradients, layout)
    let width = layout.form.heads * layout.form.head
    precondition(dout.count == layout.queries * width && scratch.count >= layout.backwardScratch)
    precondition(
      gradients.queryStride == inputs.queryStride && gradients.keyStride == inputs.keyStride)
    var arguments = unsafe kernelArguments(inputs, layout, site)
    let kernel = unsafe layout.inBF16 ? ltr_attend_backward_bf16 : ltr_attend_backward
    unsafe kernel(
      &arguments, dout.start, width, logSums.start, gradients.queries.start, gradients.keys.start,
      gradients.values.start, scratch.start)
  }

  private static func kernelArguments(
    _ inputs: AttentionInputs, _ layout: AttentionLayout, _ site: DropoutSite
  ) -> ltr_attention {
    unsafe ltr_attention(
      sequences: layout.sequences, heads: layout.form.heads, head: layout.form.head,
      query_offsets: layout.queryOffsets.start, key_offsets: layout.keyOffsets.start,
      q: inputs.queries.start, k: inputs.keys.start, v: inputs.values.start,
      q_stride: inputs.queryStride, kv_stride: inputs.keyStride, dropout: site.kernel,
      identity: layout.identity.start)
  }

  private static func check(_ inputs: AttentionInputs, _ layout: AttentionLayout) {
    let width = layout.form.heads * layout.form.head
    precondition(layout.identity.count == layout.queries)
    if layout.queries > 0 {
      precondition(inputs.queries.count >= (layout.queries - 1) * inputs.queryStride + width)
    }
    if layout.keys > 0 {
      let needed = (layout.keys - 1) * inputs.keyStride + width
      precondition(inputs.keys.count >= needed && inputs.values.count >= needed)
    }
  }
}
