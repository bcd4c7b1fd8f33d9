import JSON

extension DistilBERT: PostNormFamily {
  static let layerNames = LayerBlueprint.PostNormNames(
    query: "attention.q_lin", key: "attention.k_lin", value: "attention.v_lin",
    attentionOutput: "attention.out_lin", attentionNorm: "sa_layer_norm", up: "ffn.lin1",
    down: "ffn.lin2", norm: "output_layer_norm")

  /// The family's norms have this epsilon whatever a file says.
  var layerNormEpsilon: Float { 1e-12 }
}

extension DistilBERT {
  /// The computation of a DistilBERT, with the names of `DistilBertForSequenceClassification`.
  public var blueprint: Blueprint {
    let embeddings = "distilbert.embeddings."
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        embeddings, width: hiddenSize,
        words: TableBlueprint(embeddings + "word_embeddings", rows: vocabularySize),
        positions: TableBlueprint(embeddings + "position_embeddings", rows: maximumPositions),
        norm: NormBlueprint(embeddings + "LayerNorm", epsilon: layerNormEpsilon)),
      layers: (0..<layers).map { postNormLayer("distilbert.transformer.layer.\($0).") },
      pooling: .first,
      head: [
        .dense(DenseBlueprint("pre_classifier", from: hiddenSize, to: hiddenSize)),
        .activation(.relu), .dropout,
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
