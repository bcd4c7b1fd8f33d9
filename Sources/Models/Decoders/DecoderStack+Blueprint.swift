import Tensors

extension DecoderStack {
  /// The computation of a decoder with the names of transformers, and a score from the last token.
  func blueprint(of family: String) -> Blueprint {
    var blueprint = Blueprint(
      embeddings: EmbeddingBlueprint(
        "model.embed_tokens.", width: hiddenSize,
        words: TableBlueprint("model.embed_tokens", rows: vocabularySize), scale: embeddingScale),
      layers: layerKinds.indices.map { layer($0) }, finalNorm: norm("model.norm"),
      pooling: pooling,
      head: [.dense(DenseBlueprint("score", from: hiddenSize, to: 1, hasBias: false))],
      names: WeightNaming(
        prefix: "model.", encoderParts: ["embed_tokens.", "layers.", "norm."],
        buffers: ["rotary_emb.inv_freq"], pretrainingHeads: ["lm_head"], family: family),
      maximumPositions: maximumPositions, hiddenDropout: 0, attentionDropout: attentionDropout,
      headDropout: 0, initializerRange: initializerRange)
    blueprint.languageHead = LanguageHead("lm_head", isTied: tiesEmbeddings, cap: logitCap)
    return blueprint
  }

  private func layer(_ number: Int) -> LayerBlueprint {
    let name = "model.layers.\(number)."
    let isSliding = layerKinds[number] == .sliding
    let rotary = isSliding ? slidingRotary : rotary
    let (queries, keys) = (heads * headWidth, keyValueHeads * headWidth)
    func dense(_ part: String, _ inputs: Int, _ outputs: Int, _ hasBias: Bool) -> DenseBlueprint {
      DenseBlueprint(name + part, from: inputs, to: outputs, hasBias: hasBias)
    }
    let attentionName = name + "self_attn."
    var attention = AttentionBlueprint(
      .separate(
        query: dense("self_attn.q_proj", hiddenSize, queries, biases.projections),
        key: dense("self_attn.k_proj", hiddenSize, keys, biases.projections),
        value: dense("self_attn.v_proj", hiddenSize, keys, biases.projections)),
      output: dense("self_attn.o_proj", queries, hiddenSize, biases.output),
      norm: norm(name + "input_layernorm"), heads: heads, keyValueHeads: keyValueHeads,
      headWidth: headWidth,
      mask: isSliding ? .causalWindow(radius: window - 1) : isCausal ? .causal : .full,
      positions: .rotary(base: rotary.base, scaling: rotary.scaling), scale: scoreScale,
      cap: scoreCap)
    if hasHeadNorms {
      attention.queryNorm = norm(attentionName + "q_norm")
      attention.keyNorm = norm(attentionName + "k_norm")
    }
    var feedForward = FeedForwardBlueprint(
      .gated(
        gate: dense("mlp.gate_proj", hiddenSize, innerSize, biases.feedForward),
        up: dense("mlp.up_proj", hiddenSize, innerSize, biases.feedForward)),
      down: dense("mlp.down_proj", innerSize, hiddenSize, biases.feedForward),
      activation: activation, norm: norm(name + "post_attention_layernorm"))
    if hasOutputNorms {
      // With four norms a layer, this name is that of the norm behind attention.
      attention.outputNorm = feedForward.norm
      feedForward.norm = norm(name + "pre_feedforward_layernorm")
      feedForward.outputNorm = norm(name + "post_feedforward_layernorm")
    }
    return LayerBlueprint(name, norms: .pre, attention, feedForward)
  }

  private func norm(_ name: String) -> NormBlueprint {
    NormBlueprint(name, .rms, hasBias: false, epsilon: normEpsilon, shift: normShift)
  }
}
