import Models

/// llama.cpp's names of the parameters of an encoder by role, such as `blk.0.attn_q.weight`.
struct GGUFNames {
  /// llama.cpp's names by the model's names, both without `.weight` and `.bias`.
  private var stems: [String: String] = [:]

  /// The names of the parameters of a model for which `Blueprint.obstacleForLlama` is nil.
  init(_ blueprint: Blueprint) {
    let embeddings = blueprint.embeddings
    stems[embeddings.words.name] = "token_embd"
    if let positions = embeddings.positions { stems[positions.name] = "position_embd" }
    if let types = embeddings.types { stems[types.name] = "token_types" }
    if let norm = embeddings.norm { stems[norm.name] = "token_embd_norm" }
    for (number, layer) in blueprint.layers.enumerated() {
      for (own, role) in Self.roles(of: layer) { stems[own] = "blk.\(number).\(role)" }
    }
    for dense in blueprint.headDenses.dropLast() {
      // llama.cpp's own converter omits it, and the scores come out wrong.
      stems[dense.name] = "cls"
    }
    stems[blueprint.classifier.name] = "cls.output"
  }

  private static func roles(of layer: LayerBlueprint) -> [(own: String, role: String)] {
    let (attention, feedForward) = (layer.attention, layer.feedForward)
    var roles = [
      (attention.output.name, "attn_output"), (feedForward.down.name, "ffn_down"),
    ]
    switch attention.projection {
    case .separate(let query, let key, let value):
      roles += [(query.name, "attn_q"), (key.name, "attn_k"), (value.name, "attn_v")]
    case .joined(let all): roles.append((all.name, "attn_qkv"))
    }
    if case .plain(let up) = feedForward.up { roles.append((up.name, "ffn_up")) }
    if let norm = attention.norm { roles.append((norm.name, "attn_output_norm")) }
    if let norm = feedForward.norm { roles.append((norm.name, "layer_output_norm")) }
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
