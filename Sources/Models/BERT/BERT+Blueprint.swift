import JSON

extension BERT {
  /// The computation of a BERT model, with the parameter names of `BertForSequenceClassification`.
  public var blueprint: Blueprint {
    blueprint(
      prefix: "bert.",
      head: [
        .dense(DenseBlueprint("bert.pooler.dense", from: hiddenSize, to: hiddenSize)), .tanh,
        .dropout,
        .dense(DenseBlueprint("classifier", from: hiddenSize, to: 1)),
      ],
      pretrainingHeads: ["cls"], family: Self.name)
  }

  /// BERT's encoder with any head: later families have the same layers, with the same names after
  /// another prefix.
  ///
  /// - Parameters:
  ///   - prefix: the prefix of the encoder's parameter names.
  ///   - embeddingSize: the width of the embedding tables if a projection to the layers' width follows.
  ///   - firstPosition: the row of a sequence's first token in the position table; earlier rows are
  ///     unused.
  ///   - head: the steps from the first token's row to a score.
  ///   - unusedParts: parts of the encoder in files that `head` does not use.
  ///   - pretrainingHeads: the names of pretraining heads in files.
  ///   - family: the family's name in messages.
  func blueprint(
    prefix: String, embeddingSize: Int? = nil, firstPosition: Int = 0, head: [HeadStep],
    unusedParts: [String] = [], pretrainingHeads: [String], family: String
  ) -> Blueprint {
    let embeddings = prefix + "embeddings."
    let projection = prefix + "embeddings_project"
    let narrow = embeddingSize == hiddenSize ? nil : embeddingSize
    return Blueprint(
      embeddings: EmbeddingBlueprint(
        embeddings, width: narrow ?? hiddenSize,
        words: TableBlueprint(embeddings + "word_embeddings", rows: vocabularySize),
        positions: TableBlueprint(
          embeddings + "position_embeddings", rows: maximumPositions, offset: firstPosition),
        types: TableBlueprint(embeddings + "token_type_embeddings", rows: tokenTypes),
        norm: NormBlueprint(embeddings + "LayerNorm", epsilon: layerNormEpsilon),
        projection: narrow.map { DenseBlueprint(projection, from: $0, to: hiddenSize) }),
      layers: (0..<layers).map { postNormLayer("\(prefix)encoder.layer.\($0).") },
      pooling: .first, head: head,
      names: WeightNaming(
        prefix: prefix,
        encoderParts: ["embeddings.", "encoder."] + (narrow == nil ? [] : ["embeddings_project."]),
        renamedEndings: [
          ("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias"),
        ],
        buffers: ["embeddings.position_ids", "embeddings.token_type_ids"],
        unusedParts: unusedParts, pretrainingHeads: pretrainingHeads, family: family),
      maximumPositions: maximumPositions - firstPosition, hiddenDropout: hiddenDropout,
      attentionDropout: attentionDropout, headDropout: classifierDropout,
      initializerRange: initializerRange)
  }
}

extension BERT: PostNormFamily {
  static let layerNames = LayerBlueprint.PostNormNames(
    query: "attention.self.query", key: "attention.self.key", value: "attention.self.value",
    attentionOutput: "attention.output.dense", attentionNorm: "attention.output.LayerNorm",
    up: "intermediate.dense", down: "output.dense", norm: "output.LayerNorm")
}

extension BERT {
  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    let sharesDropout = classifierDropout == hiddenDropout
    return ExportedFamily(
      members: members(
        of: "bert",
        [
          "type_vocab_size": .whole(tokenTypes),
          "classifier_dropout": sharesDropout ? .null : .decimal(classifierDropout),
          "position_embedding_type": "absolute",
        ]),
      className: "BertForSequenceClassification", llamaName: "bert")
  }
}
