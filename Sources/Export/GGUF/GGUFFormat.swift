import Diagnostics
import Files
import Models
import Tokenization

extension ExportFormat {
  /// A GGUF file for llama.cpp, with weights in 32 or 16 bits.
  public static let gguf = ExportFormat(
    name: "gguf", meaning: "a GGUF file for llama.cpp's server: --reranking, /v1/rerank",
    precisions: [.f32, .f16], contents: .gguf, limits: { $0.roundingLimits + $0.ggufLimits }
  ) { (request, folder) throws(Failure) in
    try request.writeGGUF(as: request.precision == .f16 ? .f16 : .f32, to: folder)
  }

  /// The same with weights in 8 bits.
  public static let ggufQ8 = ExportFormat(
    name: "gguf-q8_0", meaning: "the same with 8-bit weights (q8_0) at every --precision",
    precisions: ExportPrecision.allCases, encoding: GGUFEncoding.q8.rawValue,
    contents: .gguf,
    limits: { request in
      request.untrainedLimits + ["scores are rounded: weights are in 8 bits"] + request.ggufLimits
    },
    leastTolerance: ExportPrecision.int8.tolerance
  ) { (request, folder) throws(Failure) in
    try request.writeGGUF(as: .q8, to: folder)
  }
}

extension ExportRequest {
  /// The name of the file with weights in this encoding.
  package static func ggufName(_ encoding: GGUFEncoding) -> String {
    "model-\(encoding.rawValue).gguf"
  }

  /// Writes the model as a GGUF file.
  func writeGGUF(as encoding: GGUFEncoding, to folder: FolderWriter) throws(Failure) {
    let architecture = try model.llamaArchitecture()
    let tensors = try ggufTensors(encoding)
    let parameters = model.parameters
    let names = Dictionary(
      tensors.map { ($0.tensor.name, $0.parameter) }, uniquingKeysWith: { first, _ in first })
    try Export.writeGGUF(
      to: try folder.path(of: Self.ggufName(encoding)),
      metadata: try ggufMetadata(encoding, architecture: architecture),
      tensors: tensors.map(\.tensor)
    ) { (tensor, write) throws(Failure) in
      guard let name = names[tensor.name], let parameter = parameters.table[name] else { return }
      try parameters[parameter].withSpan { (values) throws(Failure) in
        try checkRange(of: values, name, encoding: tensor.encoding)
        try write(values)
      }
    }
  }

  /// Rejects weights that the encoding cannot hold.
  private func checkRange(
    of values: Span<Float>, _ name: String, encoding: GGUFEncoding
  ) throws(Failure) {
    let limit: Float =
      switch encoding {
      case .f32: .infinity
      // The first magnitude that rounds to infinity in binary16, as a value or as a block's scale.
      case .f16: 65520
      case .q8: 65520 * 127
      }
    for index in values.indices where !(abs(values[index]) < limit) {
      let isFinite = values[index].isFinite
      throw Failure(
        .badData, "value \(index) of '\(name)' is \(values[index])", at: Place(name),
        expected: isFinite
          ? "magnitudes below \(Int(limit)) in \(encoding.rawValue)" : "finite values",
        remedy: isFinite
          ? "choose the precision f32"
          : "use weights saved before training diverged")
    }
  }
}

extension ExportRequest {
  /// The reasons why llama.cpp's scores differ slightly from the model's in every precision, one
  /// sentence each.
  package var ggufLimits: [String] {
    var limits: [String] = []
    let (blueprint, tokenizer) = (model.blueprint, model.tokenizer)
    switch blueprint.activation {
    case .gelu:
      limits.append(
        "llama.cpp computes GELU by its approximation with tanh, from a table of 16-bit numbers")
    case .geluTanh:
      limits.append(
        "llama.cpp computes GELU as this model does, by its approximation with tanh, but from a table"
          + " of 16-bit numbers")
    case .relu, .silu, nil: break
    }
    let special = tokenizer.specialTokens
    let token = tokenizer.probeToken
    let pair = tokenizer.encodePair(
      query: [token], text: [token], maxLength: tokenizer.specialTokensInPair + 2)
    if takesTokenTypes, !hasOnlyZeroTypes {
      limits.append(
        "llama.cpp gives every token the type 0, but this model was trained with two token types:"
          + " train with 'model.token_types: 1' for identical scores")
    }
    if let cls = special.cls?.id, let sep = special.sep?.id,
      pair.ids != [cls, token, sep, token, sep]
    {
      limits.append(
        "llama.cpp encodes a pair as [CLS] query [SEP] text [SEP], but this tokenizer does not"
      )
    }
    if maximumLength < blueprint.maximumPositions {
      limits.append(
        "llama.cpp does not truncate at the model's \(maximumLength) tokens: it reads up to"
          + " \(blueprint.maximumPositions), so longer texts get different scores")
    }
    let vocabulary = GGUFVocabulary(tokenizer, count: blueprint.vocabularySize)
    if vocabulary.collisions > 0 {
      limits.append(
        "\(vocabulary.collisions) tokens of the vocabulary have the same text as others in llama.cpp"
          + " and are omitted")
    }
    return limits + ggufTokenizerLimits
  }
}
