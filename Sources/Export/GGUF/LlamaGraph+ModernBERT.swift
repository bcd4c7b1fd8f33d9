import Models
import Tensors

/// The settings of llama.cpp's graph `modern-bert` that differ from model to model.
struct LlamaRotations {
  /// Every layer whose number is a multiple of it attends to all tokens; nil if all layers do.
  let period: Int?
  /// The tokens that a windowed layer attends to on both sides together; 0 without such layers.
  let window: Int
  /// The base of the rotary positions of layers with full attention.
  let globalBase: Double
  /// That of windowed layers.
  let localBase: Double

  /// The settings of a model; nil if windows, bases or the order of the layers differ from what the
  /// graph has.
  init?(_ blueprint: Blueprint) {
    var windows: Set<Int> = []
    var bases: (global: Set<Double>, local: Set<Double>) = ([], [])
    for layer in blueprint.layers {
      guard case .rotary(let base, .none) = layer.attention.positions else { return nil }
      switch layer.attention.mask {
      case .full: bases.global.insert(base)
      case .window(let radius):
        windows.insert(2 * radius)
        bases.local.insert(base)
      default: return nil
      }
    }
    guard windows.count <= 1, bases.global.count <= 1, bases.local.count <= 1 else { return nil }
    window = windows.first ?? 0
    // A window of 0 means full attention in llama.cpp.
    guard windows.isEmpty || window > 0 else { return nil }
    guard let any = bases.global.first ?? bases.local.first else { return nil }
    globalBase = bases.global.first ?? any
    localBase = bases.local.first ?? any
    guard !windows.isEmpty else {
      period = nil
      return
    }
    // The usual 3 is tried first, since a model with few layers has several periods.
    let periods = [3] + Array(1...blueprint.layers.count)
    let found = periods.first { period in
      blueprint.layers.enumerated().allSatisfy { number, layer in
        (layer.attention.mask == .full) == (number % period == 0)
      }
    }
    guard let found else { return nil }
    period = found
  }
}

extension LlamaGraph {
  /// The keys that only this graph has, without the graph's name.
  func metadata(of blueprint: Blueprint) -> [(key: String, value: GGUFValue)] {
    guard self == .modernBERT, let rotations = LlamaRotations(blueprint) else { return [] }
    var metadata: [(key: String, value: GGUFValue)] = [
      ("vocab_size", .uint32(UInt32(blueprint.vocabularySize))),
      ("rope.freq_base", .float32(Float(rotations.globalBase))), ("rope.scaling.type", "none"),
      ("hidden_activation", blueprint.activation == .silu ? "silu" : "gelu"),
      ("classifier.activation", blueprint.headActivation == .silu ? "silu" : "gelu"),
      ("classifier.pooling_type", .uint32(blueprint.pooling == .mean ? 1 : 2)),
    ]
    if let period = rotations.period {
      metadata += [
        ("rope.freq_base_swa", .float32(Float(rotations.localBase))),
        ("attention.sliding_window", .uint32(UInt32(rotations.window))),
        ("attention.sliding_window_pattern", .uint32(UInt32(period))),
      ]
    }
    return metadata
  }
}

extension Blueprint {
  /// What llama.cpp's graph of ModernBERT lacks.
  var modernObstacles: [LlamaObstacle] {
    [
      (embeddings.positions != nil || embeddings.types != nil, "embeddings of positions or types"),
      (embeddings.norm?.isBare != true, "biases of norms"),
      (finalNorm?.isBare != true, "a last norm with a bias, or none"),
      (pooling != .first && pooling != .mean, "pooling other than by first token or mean"),
      (layers.first?.attention.norm != nil, "an attention norm in the first layer"),
      (
        layers.dropFirst().contains { $0.attention.norm == nil }, "layers without an attention norm"
      ),
      (
        LlamaRotations(self) == nil,
        "windowed layers that are not those between every N-th one, or of several kinds"
      ),
    ]
  }

  /// Deviations of the head from a dense layer of the model's width, an activation, a norm, and a
  /// classifier.
  var modernHeadObstacles: [LlamaObstacle] {
    let steps = head.filter { $0 != .dropout }
    guard steps.count == 4, case .dense(let dense) = steps[0], case .activation = steps[1],
      case .norm(let norm) = steps[2], case .dense(let classifier) = steps[3],
      dense.outputs == hiddenSize, norm.kind == .layer, classifier.hasBias
    else {
      return [(true, "a head other than a dense layer, an activation, a norm and a classifier")]
    }
    return [
      (dense.hasBias, "a bias of the head's dense layer (classifier_bias)"),
      (norm.hasBias, "a bias of the head's norm (norm_bias)"),
      (
        headActivation != .gelu && headActivation != .silu,
        "a head with an activation other than GELU and SiLU"
      ),
    ]
  }

  /// The activation of the head of a ModernBERT; nil for other heads.
  var headActivation: Activation? {
    for case .activation(let activation) in head { return activation }
    return nil
  }
}

extension NormBlueprint {
  /// Whether it is a LayerNorm without a bias.
  fileprivate var isBare: Bool { kind == .layer && !hasBias }
}

extension LayerBlueprint {
  var modernObstacles: [LlamaObstacle] {
    let norms = [attention.norm, feedForward.norm].compactMap { $0 }
    let isJoined = if case .joined = feedForward.up { true } else { false }
    let hasOne = if case .joined = attention.projection { true } else { false }
    return [
      (normPlacement != .pre, "norms after the residual sums"),
      (norms.contains { !$0.isBare }, "biases of norms (norm_bias)"),
      (feedForward.norm == nil, "layers without a feed-forward norm"),
      (!hasOne, "separate matrices of queries, keys and values"),
      (!isJoined, "feed-forward layers without a gate in one matrix with them"),
      (denses.contains(where: \.hasBias), "biases of dense layers (attention_bias, mlp_bias)"),
    ] + commonObstacles
  }
}
