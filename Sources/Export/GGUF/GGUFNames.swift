/// What llama.cpp calls the parameters of BERT.
enum GGUFNames {
  private static let tables = [
    "bert.embeddings.word_embeddings": "token_embd",
    "bert.embeddings.position_embeddings": "position_embd",
    "bert.embeddings.token_type_embeddings": "token_types",
    "bert.embeddings.LayerNorm": "token_embd_norm",
    // llama.cpp's own converter leaves the pooler out, and the scores come out wrong.
    "bert.pooler.dense": "cls",
    "classifier": "cls.output",
  ]

  private static let parts = [
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
  ]

  private static let layers = "bert.encoder.layer."

  /// The name of a parameter, or nil for one that is none of BERT's.
  static func name(of parameter: String) -> String? {
    guard let dot = parameter.lastIndex(of: ".") else { return nil }
    let (stem, kind) = (String(parameter[..<dot]), parameter[dot...])
    if let name = tables[stem] { return name + kind }
    guard stem.hasPrefix(layers) else { return nil }
    let rest = stem.dropFirst(layers.count)
    guard let end = rest.firstIndex(of: "."),
      let part = parts[String(rest[rest.index(after: end)...])]
    else { return nil }
    return "blk.\(rest[..<end]).\(part)\(kind)"
  }

  /// What the values of a tensor are stored as: llama.cpp takes norms, biases and the tables of positions
  /// and token types in 32 bits alone. The head is small, and rounded scores would tie.
  static func encoding(of name: String, extents: [Int], asked: GGUFEncoding) -> GGUFEncoding {
    let isExact =
      extents.count < 2 || name == "position_embd.weight" || name == "token_types.weight"
      || name.hasPrefix("cls.")
    if isExact { return .f32 }
    return extents[0] % asked.blockSize == 0 ? asked : .f16
  }
}
