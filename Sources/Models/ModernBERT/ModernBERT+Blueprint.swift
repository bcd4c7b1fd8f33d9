import JSON
import Tensors

extension ModernBERT {
  /// The computation of a ModernBERT, with the names of `ModernBertForSequenceClassification`.
  public var blueprint: Blueprint {
    Blueprint(
      embeddings: EmbeddingBlueprint(
        "model.embeddings.", width: hiddenSize,
        words: TableBlueprint("model.embeddings.tok_embeddings", rows: vocabularySize),
        norm: norm("model.embeddings.norm")),
      layers: layerKinds.indices.map { layer($0) }, finalNorm: norm("model.final_norm"),
      pooling: poolsMean ? .mean : .first,
      head: [
        .dense(
          DenseBlueprint("head.dense", from: hiddenSize, to: hiddenSize, hasBias: biases.head)),
        .activation(headActivation), .norm(norm("head.norm")), .dropout,
        .dense(DenseBlueprint("classifier", from: hiddenSize, to: 1)),
      ],
      names: WeightNaming(
        prefix: "model.", encoderParts: ["embeddings.", "layers.", "final_norm."],
        // The dense layer and norm of a pretraining head continue as those of the score head.
        pretrainingHeads: ["decoder"], family: Self.name),
      maximumPositions: maximumPositions, embeddingDropout: dropout.embeddings,
      hiddenDropout: dropout.feedForward, attentionDropout: dropout.attention,
      attentionOutputDropout: dropout.attention, headDropout: dropout.classifier,
      initializerRange: initializerRange)
  }

  /// One layer. The first one has no attention norm: the norm of the embeddings precedes it.
  private func layer(_ number: Int) -> LayerBlueprint {
    let name = "model.layers.\(number)."
    let isGlobal = layerKinds[number] == .global
    let (width, inner) = (hiddenSize, innerSize)
    return LayerBlueprint(
      name, norms: .pre,
      AttentionBlueprint(
        .joined(
          DenseBlueprint(
            name + "attn.Wqkv", from: width, to: 3 * width, hasBias: biases.attention)),
        output: DenseBlueprint(
          name + "attn.Wo", from: width, to: width, hasBias: biases.attention),
        norm: number == 0 ? nil : norm(name + "attn_norm"), heads: heads,
        headWidth: width / heads, mask: isGlobal ? .full : .window(radius: window / 2),
        positions: .rotary(base: isGlobal ? globalBase : localBase)),
      FeedForwardBlueprint(
        .joined(
          DenseBlueprint(name + "mlp.Wi", from: width, to: 2 * inner, hasBias: biases.feedForward)),
        down: DenseBlueprint(
          name + "mlp.Wo", from: inner, to: width, hasBias: biases.feedForward),
        activation: activation, norm: norm(name + "mlp_norm")))
  }

  private func norm(_ name: String) -> NormBlueprint {
    NormBlueprint(name, hasBias: biases.norms, epsilon: normEpsilon)
  }
}

extension ModernBERT {
  /// The configuration keys that describe this model, and the family's names in other programs.
  /// Keys of attention patterns and rotations appear under their old names, which servers read, and
  /// under those of transformers 5.
  public var exported: ExportedFamily {
    var rotations: [String: JSONValue] = [:]
    for (kind, base) in [(LayerKind.global, globalBase), (.local, localBase)] {
      rotations[kind.rawValue] = ["rope_theta": .number(base), "rope_type": "default"]
    }
    return ExportedFamily(
      members: [
        "model_type": "modernbert",
        "vocab_size": .whole(vocabularySize),
        "hidden_size": .whole(hiddenSize),
        "num_hidden_layers": .whole(layerKinds.count),
        "num_attention_heads": .whole(heads),
        "intermediate_size": .whole(innerSize),
        "max_position_embeddings": .whole(maximumPositions),
        "hidden_activation": .text(activation.exportedName),
        "classifier_activation": .text(headActivation.exportedName),
        "classifier_pooling": poolsMean ? "mean" : "cls",
        "attention_bias": .flag(biases.attention),
        "mlp_bias": .flag(biases.feedForward),
        "norm_bias": .flag(biases.norms),
        "classifier_bias": .flag(biases.head),
        "embedding_dropout": .decimal(dropout.embeddings),
        "attention_dropout": .decimal(dropout.attention),
        "mlp_dropout": .decimal(dropout.feedForward),
        "classifier_dropout": .decimal(dropout.classifier),
        "norm_eps": .decimal(normEpsilon),
        "initializer_range": .decimal(initializerRange),
        "initializer_cutoff_factor": .decimal(initializerCutoff),
        "pad_token_id": .whole(paddingID),
        "local_attention": .whole(window),
        "layer_types": .list(layerKinds.map { .text($0.rawValue) }),
        "global_attn_every_n_layers": period.map { .whole($0) } ?? .null,
        "rope_parameters": .object(rotations),
        "global_rope_theta": .number(globalBase),
        "local_rope_theta": .number(localBase),
        // Models with scaled rotations are rejected, so there is never a scaling to export.
        "rope_scaling": .null,
      ],
      className: "ModernBertForSequenceClassification", llamaName: "modern-bert")
  }

  /// The period of global layers; nil if they have none. The usual 3 is tried first, since a model
  /// with few layers has several periods.
  private var period: Int? {
    ([3] + Array(1...max(1, layerKinds.count))).first { period in
      layerKinds.indices.allSatisfy { (layerKinds[$0] == .global) == ($0 % period == 0) }
    }
  }
}
