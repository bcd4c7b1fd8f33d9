import Models
import Tensors

extension LlamaGraph {
  /// The keys that only `qwen3` has, without the graph's name.
  func decoderMetadata(of blueprint: Blueprint) -> [(key: String, value: GGUFValue)] {
    guard let attention = blueprint.layers.first?.attention,
      case .rotary(let base, let scaling) = attention.positions
    else { return [] }
    func count(_ number: Int) -> GGUFValue { .uint32(UInt32(number)) }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("attention.head_count_kv", count(attention.keyValueHeads)),
      ("attention.key_length", count(attention.headWidth)),
      ("attention.value_length", count(attention.headWidth)),
      ("attention.layer_norm_rms_epsilon", .float32(blueprint.normEpsilon ?? 0)),
      ("rope.freq_base", .float32(Float(base))),
    ]
    if case .linear(let factor) = scaling {
      metadata += [
        ("rope.scaling.type", "linear"), ("rope.scaling.factor", .float32(Float(factor))),
      ]
    }
    return metadata
  }
}

extension Blueprint {
  /// What llama.cpp's graph of Qwen3 lacks.
  var qwen3Obstacles: [LlamaObstacle] {
    let positions = layers.first?.attention.positions
    return [
      (embeddings.positions != nil || embeddings.types != nil, "embeddings of positions or types"),
      (embeddings.norm != nil, "a norm of the embeddings"),
      (finalNorm == nil, "a model without a norm behind its last layer"),
      (pooling != .last, "pooling other than by the last token"),
      (
        layers.contains { $0.attention.positions != positions },
        "layers with positions of several kinds"
      ),
      (
        layers.contains { $0.attention.keyValueHeads != layers[0].attention.keyValueHeads },
        "layers with different numbers of heads"
      ),
    ]
  }

  /// Deviations of the head from a dense layer without a bias.
  var qwen3HeadObstacles: [LlamaObstacle] {
    let steps = head.filter { $0 != .dropout }
    guard steps.count == 1, case .dense(let classifier) = steps[0] else {
      return [(true, "a head other than a classifier")]
    }
    return [(classifier.hasBias, "a bias of the classifier")]
  }
}

extension LayerBlueprint {
  var qwen3Obstacles: [LlamaObstacle] {
    let norms = [attention.norm, feedForward.norm, attention.queryNorm, attention.keyNorm]
    let isGated = if case .gated = feedForward.up { true } else { false }
    let isSeparate = if case .separate = attention.projection { true } else { false }
    let isRotary =
      switch attention.positions {
      case .rotary(_, .none), .rotary(_, .dynamic), .rotary(_, .linear): true
      default: false
      }
    return [
      (normPlacement != .pre, "norms after the residual sums"),
      (norms.contains { $0?.isRoot != true }, "layers without RMSNorms of inputs and heads"),
      (!isSeparate, "one matrix of queries, keys and values"),
      (!isGated, "feed-forward layers without a gate"),
      (attention.mask != .causal, "attention other than to all tokens before"),
      (!isRotary, "rotary positions scaled other than linearly"),
      (denses.contains(where: \.hasBias), "biases of dense layers (attention_bias)"),
    ] + addedObstacles
  }
}

extension NormBlueprint {
  /// Whether it is an RMSNorm without a bias whose weights are stored as they are.
  fileprivate var isRoot: Bool { kind == .rms && !hasBias && shift == 0 }
}
