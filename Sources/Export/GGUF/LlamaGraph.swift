package import Models
package import Tensors

/// The graphs of llama.cpp that compute the models here, by llama.cpp's names.
enum LlamaGraph: String {
  /// Position embeddings, norms after the residual sums, and a head of a dense layer, tanh and a
  /// classifier.
  case bert
  /// Rotary positions, windowed and full attention, norms before the sublayers, gated feed-forward
  /// layers, and a head of a dense layer, an activation, a norm and a classifier.
  case modernBERT = "modern-bert"
  /// Causal attention with rotary positions, grouped keys and norms of heads, gated feed-forward
  /// layers, and a classifier of two outputs at the last token, whose shares are the scores.
  case qwen3

  /// A part of a model that is missing in the graph; nil if the graph computes all of the model.
  func obstacle(in blueprint: Blueprint) -> String? {
    let parts =
      switch self {
      case .bert:
        blueprint.bertObstacles + blueprint.layers.flatMap(\.bertObstacles)
          + blueprint.bertHeadObstacles
      case .modernBERT:
        blueprint.modernObstacles + blueprint.layers.flatMap(\.modernObstacles)
          + blueprint.modernHeadObstacles
      case .qwen3:
        blueprint.qwen3Obstacles + blueprint.layers.flatMap(\.qwen3Obstacles)
          + blueprint.qwen3HeadObstacles
      }
    return (parts + blueprint.commonObstacles).first { $0.isThere }?.part
  }
}

/// A part that some models have and a graph lacks, and whether a model has it.
typealias LlamaObstacle = (isThere: Bool, part: String)

extension Blueprint {
  /// The activation of the feed-forward layers; nil if they differ.
  package var activation: Activation? {
    let all = layers.map(\.feedForward.activation)
    return all.allSatisfy { $0 == all.first } ? all.first : nil
  }

  /// The epsilon of all norms; nil if they differ or there are none.
  var normEpsilon: Float? {
    var norms = [embeddings.norm, finalNorm]
    norms += layers.flatMap { layer in
      [
        layer.attention.norm, layer.attention.queryNorm, layer.attention.keyNorm,
        layer.attention.outputNorm, layer.feedForward.norm, layer.feedForward.outputNorm,
      ]
    }
    for case .norm(let norm) in head { norms.append(norm) }
    let all = norms.compactMap { $0?.epsilon }
    return all.allSatisfy { $0 == all.first } ? all.first : nil
  }

  /// What no graph has.
  fileprivate var commonObstacles: [LlamaObstacle] {
    [
      (embeddings.projection != nil, "projected embeddings"),
      (embeddings.scale != 1, "embeddings with a factor"),
      (normEpsilon == nil, "norms with several epsilons"),
      (layers.contains { $0.feedForward.down.inputs != innerSize }, "layers of different widths"),
      (layers.contains { $0.attention.heads != heads }, "layers with different numbers of heads"),
      (activation == nil, "layers with different activations"),
    ]
  }
}

extension LayerBlueprint {
  /// What no graph of encoders has.
  var commonObstacles: [LlamaObstacle] {
    [
      (attention.keyValueHeads != attention.heads, "keys and values shared by heads"),
      (attention.lengthScaling != nil, "attention that depends on the length of the sequence"),
      (
        attention.heads * attention.headWidth != attention.output.outputs,
        "heads whose total width differs from the model's"
      ),
      (attention.queryNorm != nil || attention.keyNorm != nil, "norms of queries and keys"),
    ] + addedObstacles
  }

  /// What no graph has.
  var addedObstacles: [LlamaObstacle] {
    [
      (
        attention.outputNorm != nil || feedForward.outputNorm != nil,
        "norms of the results of sublayers"
      ),
      (attention.cap != nil, "bounded attention scores"),
      (
        attention.scale != 1 / Float(attention.headWidth).squareRoot(),
        "attention scores with a factor of their own"
      ),
    ]
  }

  /// All dense layers.
  var denses: [DenseBlueprint] {
    var denses = [attention.output, feedForward.down]
    switch attention.projection {
    case .separate(let query, let key, let value): denses += [query, key, value]
    case .joined(let all): denses.append(all)
    }
    switch feedForward.up {
    case .plain(let up), .joined(let up), .joinedGateLast(let up): denses.append(up)
    case .gated(let gate, let up): denses += [gate, up]
    }
    return denses
  }
}
