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
      request.commonLimits + ["scores are rounded: weights are in 8 bits"] + request.ggufLimits
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
    // A head of modules has names of its own; one that the family lacks is refused below.
    if model.modularHead != nil, let request = try? withFamilyHead() {
      try request.writeGGUF(as: encoding, to: folder)
      return
    }
    let graph = try model.llamaGraph()
    if graph == .qwen3 { try checkPrompt() }
    let tensors = try ggufTensors(encoding, graph: graph)
    let parameters = model.parameters
    let sources = Dictionary(
      tensors.map { ($0.tensor.name, $0) }, uniquingKeysWith: { first, _ in first })
    try Export.writeGGUF(
      to: try folder.path(of: Self.ggufName(encoding)),
      metadata: try ggufMetadata(encoding, graph: graph),
      tensors: tensors.map(\.tensor)
    ) { (tensor, write) throws(Failure) in
      guard let source = sources[tensor.name],
        let parameter = parameters.table[source.parameter]
      else { return }
      try parameters[parameter].withSpan { (values) throws(Failure) in
        try checkRange(of: values, source.parameter, encoding: tensor.encoding)
        try write(values.extracting(source.skipped...))
      }
      if source.zeros > 0 { try write([Float](repeating: 0, count: source.zeros).span) }
    }
  }

  /// Rejects an instruction in which llama.cpp would fill in query or document once more.
  private func checkPrompt() throws(Failure) {
    guard case .prompt(let prompt) = model.tokenizer.pairFormat else { return }
    for name in ["{query}", "{document}"] where prompt.instruction?.contains(name) == true {
      throw Failure(
        .badData, "llama.cpp fills in '\(name)' wherever it is, also in the prompt's instruction",
        at: Place(model.sidecar.place, key: "instruction"),
        expected: "an instruction without '{query}' and '{document}'",
        remedy: "change 'instruction' in ltr.json, or export it as hf or onnx")
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
