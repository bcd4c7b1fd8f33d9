import JSON

extension MPNet {
  /// The computation of an MPNet, with the names of `MPNetForSequenceClassification`.
  public var blueprint: Blueprint {
    let embeddings = "mpnet.embeddings."
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        embeddings, width: hiddenSize,
        words: TableBlueprint(embeddings + "word_embeddings", rows: vocabularySize),
        positions: TableBlueprint(
          embeddings + "position_embeddings", rows: positionRows, offset: Self.firstPosition),
        norm: NormBlueprint(embeddings + "LayerNorm", epsilon: layerNormEpsilon)),
      layers: (0..<layers).map { layer("mpnet.encoder.layer.\($0).") }, pooling: .first,
      head: [
        .dropout, .dense(DenseBlueprint("classifier.dense", from: hiddenSize, to: hiddenSize)),
        .tanh, .dropout,
        .dense(DenseBlueprint("classifier.out_proj", from: hiddenSize, to: 1)),
      ],
      names: WeightNaming(
        prefix: "mpnet.", encoderParts: ["embeddings.", "encoder."],
        buffers: ["embeddings.position_ids"],
        // Files of bare encoders contain a pooler, which no classifier uses.
        unusedParts: ["pooler."], pretrainingHeads: ["lm_head"], family: Self.name),
      maximumPositions: positionRows - Self.firstPosition, hiddenDropout: hiddenDropout,
      attentionDropout: attentionDropout, headDropout: hiddenDropout,
      initializerRange: initializerRange)
  }

  /// One layer: BERT's. The table of biases has one name in all layers, which makes it one
  /// parameter.
  private func layer(_ name: String) -> LayerBlueprint {
    postNormLayer(
      name,
      positions: .relative(
        name: "mpnet.encoder.relative_attention_bias", buckets: Self.buckets,
        maximumDistance: Self.maximumDistance, isBidirectional: true))
  }
}

extension MPNet: PostNormFamily {
  static let layerNames: LayerBlueprint.PostNormNames = {
    var names = BERT.layerNames
    (names.query, names.key, names.value) = (
      "attention.attn.q", "attention.attn.k", "attention.attn.v"
    )
    (names.attentionOutput, names.attentionNorm) = ("attention.attn.o", "attention.LayerNorm")
    return names
  }()
}

extension MPNet {
  /// The configuration keys that describe this model, and the family's names in other programs.
  /// Neither llama.cpp nor the servers have a classifier of the family.
  public var exported: ExportedFamily {
    ExportedFamily(
      members: members(
        of: "mpnet", ["relative_attention_num_buckets": .whole(Self.buckets)]),
      className: "MPNetForSequenceClassification", llamaName: nil, servers: [])
  }
}

extension MPNet: BERTKeyed {}
