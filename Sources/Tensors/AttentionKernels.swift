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

/// Where the sequences of a packed batch start, for queries and for keys, and how heads are cut.
package struct AttentionLayout: Sendable {
  package let queryOffsets: Indices
  package let keyOffsets: Indices
  package let identity: Indices
  package let heads: Int
  package let head: Int
  /// Whether the operands of products are rounded to bfloat16.
  package let inBF16: Bool

  /// `inBF16` asks for products in bfloat16; it is granted where the processor has them.
  package init(
    queryOffsets: Indices, keyOffsets: Indices, identity: Indices, heads: Int, head: Int,
    inBF16: Bool
  ) {
    precondition(queryOffsets.count == keyOffsets.count && queryOffsets.count > 0)
    precondition(heads > 0 && head > 0)
    self.queryOffsets = queryOffsets
    self.keyOffsets = keyOffsets
    self.identity = identity
    self.heads = heads
    self.head = head
    self.inBF16 = inBF16 && RowKernels.hasBF16Attention
  }

  /// How many sequences there are.
  package var sequences: Int { queryOffsets.count - 1 }
  /// How many rows of queries there are.
  package var queries: Int { queryOffsets[sequences] }
  /// How many rows of keys and values there are.
  package var keys: Int { keyOffsets[sequences] }

  /// The longest sequence of keys.
  package var longest: Int {
    var longest = 0
    for s in 0..<sequences { longest = max(longest, keyOffsets[s + 1] - keyOffsets[s]) }
    return longest
  }

  /// Pairs of a query and a key, over all sequences.
  package var pairs: Int {
    var pairs = 0
    for s in 0..<sequences {
      pairs += (queryOffsets[s + 1] - queryOffsets[s]) * (keyOffsets[s + 1] - keyOffsets[s])
    }
    return pairs
  }

  /// How many floats of working memory the forward pass needs.
  package var forwardScratch: Int {
    inBF16 ? ltr_attention_scratch_bf16(longest, head) : ltr_attention_scratch(longest, head)
  }
  /// How many the backward pass needs.
  package var backwardScratch: Int {
    inBF16
      ? ltr_attention_backward_scratch_bf16(longest, head)
      : ltr_attention_backward_scratch(longest, head)
  }
}

extension RowKernels {
  /// Whether attention's products in bfloat16 are for this processor.
  package static var hasBF16Attention: Bool { ltr_has_bf16_attention() }

  /// `out` `[queries, heads·head]`; `logSums` `[heads, queries]` is kept.
  package static func attend(
    _ inputs: AttentionInputs, _ layout: AttentionLayout, into out: Floats, logSums: Floats,
    _ site: DropoutSite, scratch: Floats
  ) {
    check(inputs, layout)
    let width = layout.heads * layout.head
    precondition(out.count == layout.queries * width && scratch.count >= layout.forwardScratch)
    precondition(logSums.count == layout.heads * layout.queries)
    var arguments = unsafe kernelArguments(inputs, layout, site)
    let kernel = unsafe layout.inBF16 ? ltr_attend_bf16 : ltr_attend
    unsafe kernel(&arguments, out.start, width, logSums.start, scratch.start)
  }

  /// Writes the gradients of queries, keys and values.
  package static func attendBackward(
    _ dout: Floats, _ inputs: AttentionInputs, _ layout: AttentionLayout, logSums: Floats,
    gradients: AttentionInputs, _ site: DropoutSite, scratch: Floats
  ) {
    check(inputs, layout)
    check(gradients, layout)
    let width = layout.heads * layout.head
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
      sequences: layout.sequences, heads: layout.heads, head: layout.head,
      query_offsets: layout.queryOffsets.start, key_offsets: layout.keyOffsets.start,
      q: inputs.queries.start, k: inputs.keys.start, v: inputs.values.start,
      q_stride: inputs.queryStride, kv_stride: inputs.keyStride, dropout: site.kernel,
      identity: layout.identity.start)
  }

  private static func check(_ inputs: AttentionInputs, _ layout: AttentionLayout) {
    let width = layout.heads * layout.head
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
