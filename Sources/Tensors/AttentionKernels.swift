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

/// What a model learns of attention itself, or its gradients: a bias by distance, `[buckets,
/// heads]`, and norms of the heads' queries and keys, `[head]`.
package struct AttentionWeights: Sendable {
  package let bias: Floats?
  package let queryNorm: NormWeights?
  package let keyNorm: NormWeights?

  package init(bias: Floats? = nil, queryNorm: NormWeights? = nil, keyNorm: NormWeights? = nil) {
    self.bias = bias
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
  }

  fileprivate var gradients: ltr_attention_gradients {
    unsafe ltr_attention_gradients(
      bias: bias?.start, query_norm: queryNorm?.gamma.start, key_norm: keyNorm?.gamma.start)
  }

  fileprivate func fits(_ form: AttentionForm) -> Bool {
    bias?.count == form.buckets.map { $0.count * form.heads }
      && Self.isNorm(queryNorm, of: form) && Self.isNorm(keyNorm, of: form)
      && form.hasNorms == (queryNorm != nil || keyNorm != nil)
  }

  private static func isNorm(_ norm: NormWeights?, of form: AttentionForm) -> Bool {
    guard let norm else { return true }
    return norm.gamma.count == form.head && norm.kind == .rms && norm.beta == nil
  }
}

extension AttentionLayout {
  /// The number of floats of working memory for the forward pass.
  package var forwardScratch: Int {
    if form.isPlain {
      return inBF16
        ? ltr_attention_scratch_bf16(longest, form.head) : ltr_attention_scratch(longest, form.head)
    }
    let kernel = inBF16 ? ltr_general_attention_scratch_bf16 : ltr_general_attention_scratch
    return kernel(longest, form.head, form.before, form.after)
  }
  /// The number of floats of working memory for the backward pass.
  package var backwardScratch: Int {
    if form.isPlain {
      return inBF16
        ? ltr_attention_backward_scratch_bf16(longest, form.head)
        : ltr_attention_backward_scratch(longest, form.head)
    }
    let kernel =
      inBF16
      ? ltr_general_attention_backward_scratch_bf16 : ltr_general_attention_backward_scratch
    return kernel(longest, form.head, form.before, form.after)
  }
}

extension AttentionForm {
  /// The numbers of keys before and after its own that a query attends to; larger than any sequence
  /// if the mask does not limit them.
  fileprivate var before: Int { mask.before ?? .max }
  fileprivate var after: Int { mask.after ?? .max }
}

extension RowKernels {
  /// Whether this processor supports attention's products in bfloat16.
  package static var hasBF16Attention: Bool { ltr_has_bf16_attention() }

  /// `out` `[queries, heads·head]`; `logSums` `[heads, queries]` is saved for the backward pass.
  package static func attend(
    _ inputs: AttentionInputs, _ layout: AttentionLayout, _ weights: AttentionWeights,
    into out: Floats, logSums: Floats, _ site: DropoutSite, scratch: Floats
  ) {
    check(inputs, layout)
    let form = layout.form
    let width = form.heads * form.head
    precondition(out.count == layout.queries * width && scratch.count >= layout.forwardScratch)
    precondition(logSums.count == form.heads * layout.queries)
    var plain = unsafe kernelArguments(inputs, layout, site)
    if form.isPlain {
      let kernel = unsafe layout.inBF16 ? ltr_attend_bf16 : ltr_attend
      unsafe kernel(&plain, out.start, width, logSums.start, scratch.start)
    } else {
      var general = unsafe kernelArguments(plain, form, weights)
      let kernel = unsafe layout.inBF16 ? ltr_general_attend_bf16 : ltr_general_attend
      unsafe kernel(&general, out.start, width, logSums.start, scratch.start)
    }
  }

  /// Writes the gradients of queries, keys and values; adds to those of the weights.
  package static func attendBackward(
    _ dout: Floats, _ inputs: AttentionInputs, _ layout: AttentionLayout,
    _ weights: AttentionWeights, slopes: AttentionWeights, logSums: Floats,
    gradients: AttentionInputs, _ site: DropoutSite, scratch: Floats
  ) {
    check(inputs, layout)
    check(gradients, layout)
    let form = layout.form
    let width = form.heads * form.head
    precondition(dout.count == layout.queries * width && scratch.count >= layout.backwardScratch)
    precondition(
      gradients.queryStride == inputs.queryStride && gradients.keyStride == inputs.keyStride
        && slopes.fits(form))
    var plain = unsafe kernelArguments(inputs, layout, site)
    if form.isPlain {
      let kernel = unsafe layout.inBF16 ? ltr_attend_backward_bf16 : ltr_attend_backward
      unsafe kernel(
        &plain, dout.start, width, logSums.start, gradients.queries.start, gradients.keys.start,
        gradients.values.start, scratch.start)
    } else {
      var general = unsafe kernelArguments(plain, form, weights)
      var learned = unsafe slopes.gradients
      let kernel =
        unsafe layout.inBF16 ? ltr_general_attend_backward_bf16 : ltr_general_attend_backward
      unsafe kernel(
        &general, dout.start, width, logSums.start, gradients.queries.start, gradients.keys.start,
        gradients.values.start, &learned, scratch.start)
    }
  }

  static func kernelArguments(
    _ inputs: AttentionInputs, _ layout: AttentionLayout, _ site: DropoutSite
  ) -> ltr_attention {
    unsafe ltr_attention(
      sequences: layout.sequences, heads: layout.form.heads, head: layout.form.head,
      query_offsets: layout.queryOffsets.start, key_offsets: layout.keyOffsets.start,
      q: inputs.queries.start, k: inputs.keys.start, v: inputs.values.start,
      q_stride: inputs.queryStride, kv_stride: inputs.keyStride, dropout: site.kernel,
      identity: layout.identity.start)
  }

  private static func kernelArguments(
    _ rows: ltr_attention, _ form: AttentionForm, _ weights: AttentionWeights
  ) -> ltr_general_attention {
    precondition(weights.fits(form))
    let bare = unsafe ltr_head_norm(gamma: nil, epsilon: 0, shift: 0)
    return unsafe ltr_general_attention(
      rows: rows, kv_heads: form.keyValueHeads, scale: form.scale, before: form.before,
      after: form.after, at_end: form.placement == .last,
      angles: form.rotary.map { unsafe UnsafePointer($0.values.start) },
      bias: weights.bias.map { unsafe UnsafePointer($0.start) },
      buckets: form.buckets.map { unsafe UnsafePointer($0.numbers.start) },
      reach: form.buckets?.maximumDistance ?? 0,
      query_norm: weights.queryNorm?.headKernel ?? bare,
      key_norm: weights.keyNorm?.headKernel ?? bare, cap: form.cap ?? 0)
  }

  static func check(_ inputs: AttentionInputs, _ layout: AttentionLayout) {
    let width = layout.form.heads * layout.form.head
    let keyWidth = layout.form.keyValueHeads * layout.form.head
    precondition(layout.identity.count == layout.queries)
    if layout.queries > 0 {
      precondition(inputs.queries.count >= (layout.queries - 1) * inputs.queryStride + width)
    }
    if layout.keys > 0 {
      let needed = (layout.keys - 1) * inputs.keyStride + keyWidth
      precondition(inputs.keys.count >= needed && inputs.values.count >= needed)
    }
  }
}
