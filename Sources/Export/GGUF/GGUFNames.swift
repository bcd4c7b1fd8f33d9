import Models

/// llama.cpp's names of the parameters of an encoder by role, such as `blk.0.attn_q.weight`.
struct GGUFNames {
  /// llama.cpp's names by the model's names, both without `.weight` and `.bias`.
  private var stems: [String: String] = [:]

  /// The names of the parameters of a model for which `LlamaGraph.obstacle` is nil.
  init(_ blueprint: Blueprint, graph: LlamaGraph) {
    let embeddings = blueprint.embeddings
    stems[embeddings.words.name] = "token_embd"
    if let positions = embeddings.positions { stems[positions.name] = "position_embd" }
    if let types = embeddings.types { stems[types.name] = "token_types" }
    if let norm = embeddings.norm { stems[norm.name] = "token_embd_norm" }
    for (number, layer) in blueprint.layers.enumerated() {
      for (own, role) in Self.roles(of: layer, graph) { stems[own] = "blk.\(number).\(role)" }
    }
    if let norm = blueprint.finalNorm { stems[norm.name] = "output_norm" }
    for case .norm(let norm) in blueprint.head { stems[norm.name] = "cls.norm" }
    for dense in blueprint.headDenses.dropLast() {
      // llama.cpp's own converter omits it, and the scores come out wrong.
      stems[dense.name] = "cls"
    }
    stems[blueprint.classifier.name] = "cls.output"
  }

  private static func roles(
    of layer: LayerBlueprint, _ graph: LlamaGraph
  ) -> [(own: String, role: String)] {
    let (attention, feedForward) = (layer.attention, layer.feedForward)
    var roles = [
      (attention.output.name, "attn_output"), (feedForward.down.name, "ffn_down"),
    ]
    switch attention.projection {
    case .separate(let query, let key, let value):
      roles += [(query.name, "attn_q"), (key.name, "attn_k"), (value.name, "attn_v")]
    case .joined(let all): roles.append((all.name, "attn_qkv"))
    }
    switch feedForward.up {
    // llama.cpp's matrix of both has the gate first, too.
    case .plain(let up), .joined(let up): roles.append((up.name, "ffn_up"))
    case .gated(let gate, let up): roles += [(gate.name, "ffn_gate"), (up.name, "ffn_up")]
    case .joinedGateLast: break
    }
    let (first, second) =
      graph == .bert ? ("attn_output_norm", "layer_output_norm") : ("attn_norm", "ffn_norm")
    if let norm = attention.norm { roles.append((norm.name, first)) }
    if let norm = attention.queryNorm { roles.append((norm.name, "attn_q_norm")) }
    if let norm = attention.keyNorm { roles.append((norm.name, "attn_k_norm")) }
    if let norm = feedForward.norm { roles.append((norm.name, second)) }
    return roles
  }

  /// The name of a parameter; nil for one without a role.
  func name(of parameter: String) -> String? {
    guard let dot = parameter.lastIndex(of: "."), let stem = stems[String(parameter[..<dot])]
    else { return nil }
    return stem + parameter[dot...]
  }

  /// The type in which the values of a tensor are stored: llama.cpp accepts norms, biases, and
  /// position and token type embeddings in 32 bits only. The head is small, and rounded scores
  /// would tie.
  static func encoding(of name: String, extents: [Int], asked: GGUFEncoding) -> GGUFEncoding {
    let isExact =
      extents.count < 2 || name == "position_embd.weight" || name == "token_types.weight"
      || name.hasPrefix("cls.")
    if isExact { return .f32 }
    return extents[0] % asked.blockSize == 0 ? asked : .f16
  }
}
