import Diagnostics
public import Models
package import Tensors

extension CrossEncoder {
  /// Whether llama.cpp has a graph that computes the model.
  public var loadsInLlama: Bool { (try? llamaArchitecture()) != nil }

  /// The name of llama.cpp's architecture for the model.
  ///
  /// - Throws: `badData` with the part of the model that llama.cpp does not compute.
  func llamaArchitecture() throws(Failure) -> String {
    let remedy = "export it as hf or onnx"
    let family = type(of: architecture).name
    guard let name = architecture.exported.llamaName else {
      throw Failure(
        .badData, "models of the family \(family) cannot be exported for llama.cpp",
        at: Place(sidecar.place), remedy: remedy)
    }
    if let part = blueprint.obstacleForLlama {
      throw Failure(
        .badData, "llama.cpp's architecture '\(name)' does not support \(part)",
        at: Place(sidecar.place), remedy: remedy)
    }
    let other: String? =
      switch blueprint.activation {
      case .gelu, .geluTanh, nil: nil
      case .relu: "ReLU"
      case .silu: "SiLU"
      }
    if let other {
      throw Failure(
        .badData, "llama.cpp computes \(family) with GELU, but this model uses \(other)",
        at: Place(sidecar.place, key: "hidden_act"), remedy: remedy)
    }
    return name
  }
}

extension Blueprint {
  /// The activation of the feed-forward layers; nil if they differ.
  package var activation: Activation? {
    let all = layers.map(\.feedForward.activation)
    return all.allSatisfy { $0 == all.first } ? all.first : nil
  }

  /// A part of the model that is missing in llama.cpp's graph of encoders with position embeddings
  /// and post-norm residuals; nil if the graph computes all of the model.
  var obstacleForLlama: String? {
    let parts = obstacles + layers.flatMap(\.obstacles) + headObstacles
    return parts.first { $0.isThere }?.part
  }

  /// The epsilon of all norms; nil if they differ or there are none.
  var normEpsilon: Float? {
    let norms = [embeddings.norm] + layers.flatMap { [$0.attention.norm, $0.feedForward.norm] }
    let all = norms.compactMap { $0?.epsilon }
    return all.allSatisfy { $0 == all.first } ? all.first : nil
  }

  private var obstacles: [(isThere: Bool, part: String)] {
    [
      (embeddings.positions == nil, "embeddings without positions"),
      (embeddings.positions?.offset != 0, "positions that begin after the first row"),
      (embeddings.types == nil, "embeddings without token types"),
      (embeddings.norm?.isPlain != true, "embeddings without LayerNorm"),
      (embeddings.projection != nil, "projected embeddings"),
      (finalNorm != nil, "a norm after the last layer"),
      (normEpsilon == nil, "norms with several epsilons"),
      (layers.contains { $0.feedForward.down.inputs != innerSize }, "layers of different widths"),
      (layers.contains { $0.attention.heads != heads }, "layers with different numbers of heads"),
      (activation == nil, "layers with different activations"),
      (pooling != .first, "pooling other than by the first token"),
    ]
  }

  /// Deviations of the head from the one that llama.cpp computes: a dense layer of the model's
  /// width, tanh, and a classifier.
  private var headObstacles: [(isThere: Bool, part: String)] {
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
  fileprivate var obstacles: [(isThere: Bool, part: String)] {
    let norms = [attention.norm, feedForward.norm]
    var denses = [attention.output, feedForward.down]
    switch attention.projection {
    case .separate(let query, let key, let value): denses += [query, key, value]
    case .joined(let all): denses.append(all)
    }
    var isGated = true
    if case .plain(let up) = feedForward.up {
      isGated = false
      denses.append(up)
    }
    return [
      (normPlacement != .post, "norms before attention"),
      (norms.contains { $0?.isPlain != true }, "layers without LayerNorm"),
      (attention.mask != .full, "attention restricted to some tokens"),
      (attention.positions != .none, "positions within attention"),
      (attention.keyValueHeads != attention.heads, "keys and values shared by heads"),
      (
        attention.heads * attention.headWidth != attention.output.outputs,
        "heads whose total width differs from the model's"
      ),
      (isGated, "gated feed-forward layers"),
      (denses.contains { !$0.hasBias }, "dense layers without bias"),
    ]
  }
}
