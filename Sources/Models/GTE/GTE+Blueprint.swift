import JSON
import Tensors

extension GTE {
  /// The computation of a GTE, with the names of `NewForSequenceClassification`.
  public var blueprint: Blueprint {
    let embeddings = "new.embeddings."
    let table = TableBlueprint(embeddings + "position_embeddings", rows: maximumPositions)
    let types = TableBlueprint(embeddings + "token_type_embeddings", rows: tokenTypes)
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        embeddings, width: hiddenSize,
        words: TableBlueprint(embeddings + "word_embeddings", rows: vocabularySize),
        positions: positions == .table ? table : nil, types: tokenTypes > 0 ? types : nil,
        norm: NormBlueprint(embeddings + "LayerNorm", epsilon: normEpsilon)),
      layers: (0..<layers).map { layer("new.encoder.layer.\($0).") }, pooling: .first,
      head: [
        .dense(DenseBlueprint("new.pooler.dense", from: hiddenSize, to: hiddenSize)), .tanh,
        .dropout,
        .dense(DenseBlueprint("classifier", from: hiddenSize, to: 1)),
      ],
      names: WeightNaming(
        prefix: "new.", encoderParts: ["embeddings.", "encoder."],
        buffers: [
          "embeddings.position_ids", "rotary_emb.inv_freq", "rotary_emb.cos_cached",
          "rotary_emb.sin_cached",
        ],
        pretrainingHeads: ["lm_head"], family: Self.name),
      maximumPositions: maximumPositions, hiddenDropout: hiddenDropout,
      attentionDropout: attentionDropout, headDropout: classifierDropout,
      initializerRange: initializerRange)
  }

  /// One layer, with norms after the residual sums.
  private func layer(_ name: String) -> LayerBlueprint {
    let (width, inner) = (hiddenSize, innerSize)
    func square(_ part: String) -> DenseBlueprint {
      DenseBlueprint(name + part, from: width, to: width)
    }
    func norm(_ part: String) -> NormBlueprint {
      NormBlueprint(name + part, normKind, hasBias: normKind == .layer, epsilon: normEpsilon)
    }
    let rotations: AttentionBlueprint.Positions =
      switch positions {
      case .rotary(let base, let scaling): .rotary(base: base, scaling: scaling)
      case .table: .none
      }
    return LayerBlueprint(
      name, norms: .post,
      AttentionBlueprint(
        joinsProjections
          ? .joined(DenseBlueprint(name + "attention.qkv_proj", from: width, to: 3 * width))
          : .separate(
            query: square("attention.q_proj"), key: square("attention.k_proj"),
            value: square("attention.v_proj")),
        output: square("attention.o_proj"), norm: norm("attn_ln"), heads: heads,
        headWidth: width / heads, positions: rotations, lengthScaling: lengthScaling),
      FeedForwardBlueprint(
        .joinedGateLast(
          DenseBlueprint(name + "mlp.up_gate_proj", from: width, to: 2 * inner, hasBias: false)),
        down: DenseBlueprint(name + "mlp.down_proj", from: inner, to: width),
        activation: activation, norm: norm("mlp_ln")))
  }
}
