import JSON
import Tensors

extension DeBERTa {
  /// The computation of a DeBERTa, with the names of `DebertaV2ForSequenceClassification`.
  public var blueprint: Blueprint {
    let embeddings = "deberta.embeddings."
    let norm = NormBlueprint(embeddings + "LayerNorm", epsilon: layerNormEpsilon)
    let isNarrow = embeddingSize != hiddenSize
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        embeddings, width: embeddingSize,
        words: TableBlueprint(embeddings + "word_embeddings", rows: vocabularySize),
        positions: hasPositions
          ? TableBlueprint(embeddings + "position_embeddings", rows: maximumPositions) : nil,
        types: tokenTypes > 0
          ? TableBlueprint(embeddings + "token_type_embeddings", rows: tokenTypes) : nil,
        norm: isNarrow ? nil : norm,
        projection: isNarrow
          ? DenseBlueprint(
            embeddings + "embed_proj", from: embeddingSize, to: hiddenSize, hasBias: false) : nil,
        projectedNorm: isNarrow ? norm : nil),
      layers: (0..<layers).map { number in
        var layer = layer("deberta.encoder.layer.\(number).")
        if number == 0 { layer.convolution = convolution }
        return layer
      }, pooling: .first,
      head: (dropsPooled ? [.dropout] : []) + [
        .dense(DenseBlueprint("pooler.dense", from: hiddenSize, to: hiddenSize)),
        poolerStep, .dropout,
        .dense(DenseBlueprint("classifier", from: hiddenSize, to: 1)),
      ],
      names: WeightNaming(
        prefix: "deberta.", encoderParts: ["embeddings.", "encoder."],
        buffers: ["embeddings.position_ids"], unusedParts: unusedParts,
        pretrainingHeads: ["cls", "lm_predictions", "mask_predictions"], family: Self.name),
      maximumPositions: maximumPositions, hiddenDropout: hiddenDropout,
      attentionDropout: attentionDropout, headDropout: classifierDropout,
      initializerRange: initializerRange)
  }

  private var convolution: ConvolutionBlueprint? {
    guard convolutionWidth > 0 else { return nil }
    let name = "deberta.encoder.conv."
    let activation: Activation? =
      if case .activation(let activation) = convolutionActivation { activation } else { nil }
    return ConvolutionBlueprint(
      name + "conv", width: convolutionWidth, activation: activation,
      norm: NormBlueprint(name + "LayerNorm", epsilon: layerNormEpsilon))
  }

  private var poolerStep: HeadStep {
    switch poolerActivation {
    case .tanh: .tanh
    case .activation(let activation): .activation(activation)
    }
  }

  /// Tables that files have from pretraining although the configuration does not use them.
  private var unusedParts: [String] {
    (hasPositions ? [] : ["embeddings.position_embeddings."])
      + (relative == nil ? ["encoder.rel_embeddings.", "encoder.LayerNorm."] : [])
  }

  /// One layer: BERT's, with its own attention.
  private func layer(_ name: String) -> LayerBlueprint {
    postNormLayer(
      name, positions: relative.map { .disentangled(positions($0, name)) } ?? .none)
  }

  private func positions(_ relative: Relative, _ layer: String) -> DisentangledBlueprint {
    func projection(_ part: String) -> DisentangledBlueprint.Projection {
      relative.sharesProjections
        ? .shared
        : .separate(
          DenseBlueprint(layer + "attention.self." + part, from: hiddenSize, to: hiddenSize))
    }
    let encoder = "deberta.encoder."
    return DisentangledBlueprint(
      table: TableBlueprint(encoder + "rel_embeddings", rows: 2 * relative.span),
      norm: relative.isNormed
        ? NormBlueprint(encoder + "LayerNorm", epsilon: layerNormEpsilon) : nil,
      maximumDistance: relative.buckets == nil ? nil : relative.maximum,
      keys: relative.hasKeys ? projection("pos_key_proj") : nil,
      queries: relative.hasQueries ? projection("pos_query_proj") : nil)
  }
}

extension DeBERTa {
  /// The configuration keys that describe this model, and the family's names in other programs.
  /// llama.cpp has no disentangled attention; of the servers text-embeddings-inference has it.
  public var exported: ExportedFamily {
    let terms = [
      relative?.hasQueries == true ? "p2c" : nil, relative?.hasKeys == true ? "c2p" : nil,
    ].compactMap { $0 }
    let sharesDropout = classifierDropout == hiddenDropout
    var family = ExportedFamily(
      members: members(
        of: "deberta-v2",
        [
          "embedding_size": .whole(embeddingSize),
          "position_biased_input": .flag(hasPositions),
          "type_vocab_size": .whole(tokenTypes),
          "relative_attention": .flag(relative != nil),
          "pos_att_type": .text(terms.isEmpty ? "none" : terms.joined(separator: "|")),
          "position_buckets": .whole(relative?.buckets ?? -1),
          "max_relative_positions": .whole(relative?.maximum ?? -1),
          "share_att_key": .flag(relative?.sharesProjections == true),
          "norm_rel_ebd": .text(relative?.isNormed == true ? "layer_norm" : "none"),
          "pooler_hidden_act": .text(poolerActivation.exportedName),
          "pooler_hidden_size": .whole(hiddenSize),
          "pooler_dropout": .decimal(dropsPooled ? classifierDropout : 0),
          "cls_dropout": sharesDropout ? .null : .decimal(classifierDropout),
        ]),
      className: "DebertaV2ForSequenceClassification", llamaName: nil,
      servers: convolutionWidth == 0 ? [.textEmbeddingsInference] : [])
    if convolutionWidth > 0 {
      family.members["conv_kernel_size"] = .whole(convolutionWidth)
      family.members["conv_act"] = .text(convolutionActivation.exportedName)
    }
    return family
  }
}

extension DeBERTa.PoolerActivation {
  fileprivate var exportedName: String {
    switch self {
    case .tanh: "tanh"
    case .activation(let activation): activation.exportedName
    }
  }
}

extension DeBERTa: PostNormFamily {
  static let layerNames: LayerBlueprint.PostNormNames = {
    var names = BERT.layerNames
    (names.query, names.key, names.value) = (
      "attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj"
    )
    return names
  }()
}

extension DeBERTa: BERTKeyed {
  var positionRows: Int { maximumPositions }
}
