import Models

extension Blueprint {
  /// What llama.cpp's graph of encoders with position embeddings and post-norm residuals lacks.
  var bertObstacles: [LlamaObstacle] {
    [
      (embeddings.positions == nil, "embeddings without positions"),
      (embeddings.types == nil, "embeddings without token types"),
      (embeddings.norm?.isPlain != true, "embeddings without LayerNorm"),
      (finalNorm != nil, "a norm after the last layer"),
      (pooling != .first, "pooling other than by the first token"),
    ]
  }

  /// Deviations of the head from a dense layer of the model's width, tanh, and a classifier.
  var bertHeadObstacles: [LlamaObstacle] {
    let steps = head.filter { $0 != .dropout }
    var isPlain = false
    if steps.count == 3, case .dense(let dense) = steps[0], steps[1] == .tanh,
      case .dense(let classifier) = steps[2]
    {
      isPlain = dense.outputs == hiddenSize && dense.hasBias && classifier.hasBias
    }
    return [(!isPlain, "a head other than a dense layer, tanh and a classifier")]
  }
}

extension NormBlueprint {
  /// Whether it is a LayerNorm with a bias.
  fileprivate var isPlain: Bool { kind == .layer && hasBias }
}

extension LayerBlueprint {
  var bertObstacles: [LlamaObstacle] {
    let norms = [attention.norm, feedForward.norm]
    let isGated = if case .plain = feedForward.up { false } else { true }
    return [
      (normPlacement != .post, "norms before attention"),
      (norms.contains { $0?.isPlain != true }, "layers without LayerNorm"),
      (attention.mask != .full, "attention restricted to some tokens"),
      (attention.positions != .none, "positions within attention"),
      (isGated, "gated feed-forward layers"),
      (denses.contains { !$0.hasBias }, "dense layers without bias"),
    ] + commonObstacles
  }
}
