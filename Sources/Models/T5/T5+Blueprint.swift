import JSON

extension T5 {
  /// The computation of a T5, with the names of `T5ForConditionalGeneration`, and a score from the
  /// decoder's first step, or from a token of an encoder alone.
  public var blueprint: Blueprint {
    let head: [HeadStep] =
      decoderLayers == nil
      ? [.dropout, .dense(DenseBlueprint("classifier", from: hiddenSize, to: 1))]
      : [.dropout, .dense(DenseBlueprint("score", from: hiddenSize, to: 1, hasBias: false))]
    var blueprint = Blueprint(
      embeddings: EmbeddingBlueprint(
        "shared.", width: hiddenSize, words: TableBlueprint("shared", rows: vocabularySize)),
      layers: (0..<layers).map(layer), finalNorm: norm("encoder.final_layer_norm"),
      pooling: pooling, head: head,
      names: WeightNaming(
        prefix: "", encoderParts: ["shared.", "encoder.", "decoder."],
        // Copies of the token embeddings, and a table that old files have and nothing reads.
        buffers: ["embed_tokens.weight", "EncDecAttention.relative_attention_bias.weight"],
        unusedParts: decoderLayers == nil ? ["decoder."] : [], pretrainingHeads: ["lm_head"],
        family: Self.name),
      maximumPositions: maximumPositions, hiddenDropout: dropout, attentionDropout: dropout,
      headDropout: decoderLayers == nil ? headDropout : dropout,
      initializerRange: initializerFactor / Float(hiddenSize).squareRoot())
    guard let decoderLayers else { return blueprint }
    blueprint.decoder = FirstStepBlueprint(
      "decoder.", start: start, layers: (0..<decoderLayers).map(decoderLayer),
      finalNorm: norm("decoder.final_layer_norm"))
    var language = LanguageHead("lm_head", isTied: true)
    language.yieldsToOwn = true
    language.scale = scalesLogits ? 1 / Float(hiddenSize).squareRoot() : 1
    // The token whose logit RankT5 is trained by.
    language.exportedAnswer = "<extra_id_10>"
    blueprint.languageHead = language
    return blueprint
  }

  private func layer(_ number: Int) -> LayerBlueprint {
    let name = "encoder.block.\(number)."
    return LayerBlueprint(
      name, norms: .pre,
      attention(
        name + "layer.0.", "SelfAttention",
        positions: positions("encoder", kind == .umT5 ? number : 0, isBidirectional: true)),
      feedForward(name + "layer.1."))
  }

  private func decoderLayer(_ number: Int) -> FirstStepBlueprint.Layer {
    let name = "decoder.block.\(number)."
    let hasTable = number == 0 || kind == .umT5
    return FirstStepBlueprint.Layer(
      name,
      selfAttention: attention(
        name + "layer.0.", "SelfAttention",
        positions: hasTable ? positions("decoder", number, isBidirectional: false) : .none),
      crossAttention: attention(name + "layer.1.", "EncDecAttention", positions: .none),
      feedForward(name + "layer.2."))
  }

  /// The biases by distance of a layer; layers share the table of this name.
  private func positions(
    _ part: String, _ layer: Int, isBidirectional: Bool
  ) -> AttentionBlueprint.Positions {
    .relative(
      name: "\(part).block.\(layer).layer.0.SelfAttention.relative_attention_bias",
      buckets: buckets, maximumDistance: maximumDistance, isBidirectional: isBidirectional)
  }

  private func attention(
    _ name: String, _ part: String, positions: AttentionBlueprint.Positions
  ) -> AttentionBlueprint {
    let columns = heads * headWidth
    func dense(_ role: String, from inputs: Int, to outputs: Int) -> DenseBlueprint {
      DenseBlueprint("\(name)\(part).\(role)", from: inputs, to: outputs, hasBias: false)
    }
    return AttentionBlueprint(
      .separate(
        query: dense("q", from: hiddenSize, to: columns),
        key: dense("k", from: hiddenSize, to: columns),
        value: dense("v", from: hiddenSize, to: columns)),
      output: dense("o", from: columns, to: hiddenSize), norm: norm(name + "layer_norm"),
      heads: heads, headWidth: headWidth, positions: positions, scale: 1)
  }

  private func feedForward(_ name: String) -> FeedForwardBlueprint {
    func dense(_ role: String, from inputs: Int, to outputs: Int) -> DenseBlueprint {
      DenseBlueprint("\(name)DenseReluDense.\(role)", from: inputs, to: outputs, hasBias: false)
    }
    func up(_ role: String) -> DenseBlueprint { dense(role, from: hiddenSize, to: innerSize) }
    return FeedForwardBlueprint(
      isGated ? .gated(gate: up("wi_0"), up: up("wi_1")) : .plain(up("wi")),
      down: dense("wo", from: innerSize, to: hiddenSize), activation: activation,
      norm: norm(name + "layer_norm"))
  }

  private func norm(_ name: String) -> NormBlueprint {
    NormBlueprint(name, .rms, hasBias: false, epsilon: normEpsilon)
  }
}

extension T5 {
  /// The configuration keys that describe this model, and the family's names in other programs: the
  /// language model with an output layer of its own, or the encoder. Neither llama.cpp nor the
  /// servers score with them.
  public var exported: ExportedFamily {
    let prefix = kind == .t5 ? "T5" : kind == .mT5 ? "MT5" : "UMT5"
    let isLanguageModel = decoderLayers != nil
    var family = ExportedFamily(
      members: [
        "model_type": .text(kind.rawValue),
        "vocab_size": .whole(vocabularySize),
        "d_model": .whole(hiddenSize),
        "d_kv": .whole(headWidth),
        "d_ff": .whole(innerSize),
        "num_layers": .whole(layers),
        "num_decoder_layers": .whole(decoderLayers ?? layers),
        "num_heads": .whole(heads),
        "feed_forward_proj": .text(feedForwardName),
        "relative_attention_num_buckets": .whole(buckets),
        "relative_attention_max_distance": .whole(maximumDistance),
        "n_positions": .whole(maximumPositions),
        "dropout_rate": .decimal(dropout),
        "classifier_dropout": .decimal(headDropout),
        "layer_norm_epsilon": .decimal(normEpsilon),
        "initializer_factor": .decimal(initializerFactor),
        "pad_token_id": .whole(paddingID),
        "decoder_start_token_id": .whole(start),
        "is_encoder_decoder": .flag(isLanguageModel),
        // An output layer of its own, without a factor of logits.
        "tie_word_embeddings": false,
      ],
      className: prefix + (isLanguageModel ? "ForConditionalGeneration" : "EncoderModel"),
      llamaName: nil, servers: [])
    family.foreignKeys = ["scale_decoder_outputs", "dense_act_fn", "is_gated_act"]
    family.limit =
      isLanguageModel
      ? "\(family.className) of transformers gives logits: the score is that of the positive answer"
        + " minus that of the negative one, if there is one, at the decoder's first step; ltr.json"
        + " has their ids"
      : "\(family.className) of transformers has no score head: export the model as"
        + " sentence-transformers to score with it"
    return family
  }

  private var feedForwardName: String {
    let isUsual = isGated && activation == .geluTanh
    let name = activation == .geluTanh ? "gelu_new" : activation.rawValue
    return isUsual ? "gated-gelu" : (isGated ? "gated-" : "") + name
  }
}
