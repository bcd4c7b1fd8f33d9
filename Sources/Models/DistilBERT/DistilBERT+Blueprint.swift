import JSON

extension DistilBERT {
  /// The family's norms have this epsilon whatever a file says.
  private static let normEpsilon: Float = 1e-12

  /// The computation of a DistilBERT, with the names of `DistilBertForSequenceClassification`.
  public var blueprint: Blueprint {
    let embeddings = "distilbert.embeddings."
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        embeddings, width: hiddenSize,
        words: TableBlueprint(embeddings + "word_embeddings", rows: vocabularySize),
        positions: TableBlueprint(embeddings + "position_embeddings", rows: maximumPositions),
        norm: norm(embeddings + "LayerNorm")),
      layers: (0..<layers).map { layer("distilbert.transformer.layer.\($0).") }, pooling: .first,
      head: [
        .dense(square("pre_classifier")), .activation(.relu), .dropout,
        .dense(DenseBlueprint("classifier", from: hiddenSize, to: 1)),
      ],
      names: WeightNaming(
        prefix: "distilbert.", encoderParts: ["embeddings.", "transformer."],
        buffers: ["embeddings.position_ids"],
        pretrainingHeads: ["vocab_transform", "vocab_layer_norm", "vocab_projector"],
        family: Self.name),
      maximumPositions: maximumPositions, hiddenDropout: dropout,
      attentionDropout: attentionDropout, attentionOutputDropout: attentionOutputDropout,
      headDropout: classifierDropout, initializerRange: initializerRange)
  }

  /// One layer, with its norms after the residual sums.
  private func layer(_ name: String) -> LayerBlueprint {
    LayerBlueprint(
      name, norms: .post,
      AttentionBlueprint(
        .separate(
          query: square(name + "attention.q_lin"), key: square(name + "attention.k_lin"),
          value: square(name + "attention.v_lin")),
        output: square(name + "attention.out_lin"), norm: norm(name + "sa_layer_norm"),
        heads: heads, headWidth: hiddenSize / heads),
      FeedForwardBlueprint(
        .plain(DenseBlueprint(name + "ffn.lin1", from: hiddenSize, to: innerSize)),
        down: DenseBlueprint(name + "ffn.lin2", from: innerSize, to: hiddenSize),
        activation: activation, norm: norm(name + "output_layer_norm")))
  }

  private func norm(_ name: String) -> NormBlueprint {
    NormBlueprint(name, epsilon: Self.normEpsilon)
  }

  private func square(_ name: String) -> DenseBlueprint {
    DenseBlueprint(name, from: hiddenSize, to: hiddenSize)
  }
}

extension DistilBERT {
  /// The configuration keys that describe this model, and the family's names in other programs.
  /// llama.cpp has no architecture with this head: its BERT has tanh where this has ReLU.
  public var exported: ExportedFamily {
    ExportedFamily(
      members: [
        "model_type": "distilbert",
        "vocab_size": .whole(vocabularySize),
        "dim": .whole(hiddenSize),
        "n_layers": .whole(layers),
        "n_heads": .whole(heads),
        "hidden_dim": .whole(innerSize),
        "max_position_embeddings": .whole(maximumPositions),
        "activation": .text(activation.exportedName),
        "dropout": .decimal(dropout),
        "attention_dropout": .decimal(attentionDropout),
        "seq_classif_dropout": .decimal(classifierDropout),
        "initializer_range": .decimal(initializerRange),
        "pad_token_id": .whole(paddingID),
        "sinusoidal_pos_embds": .flag(hasSinePositions),
      ],
      className: "DistilBertForSequenceClassification", llamaName: nil,
      servers: [.textEmbeddingsInference])
  }
}
