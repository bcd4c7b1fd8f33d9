import Diagnostics
import Files
import Models
import Persistence

extension ExportFormat {
  /// A Hugging Face directory, as transformers, sentence-transformers, text-embeddings-inference,
  /// vLLM, infinity and eland read it.
  ///
  /// There is no `modules.json` and no `sentence_bert_config.json`: text-embeddings-inference
  /// refuses to start where the latter is there and lacks a key of its own.
  public static let huggingFace = ExportFormat(
    name: "hf",
    meaning: "a Hugging Face directory: safetensors weights, configuration and tokenizer"
  ) { (request, folder) throws(Failure) in
    let tokenizer = try TokenizerFiles(request.model.sidecar, request.model.tokenizer)
    let length = request.maximumLength
    try folder.write("config.json", try HuggingFaceConfiguration.json(request))
    try folder.write("tokenizer.json", try tokenizer.tokenizerJSON(maximumLength: length))
    try folder.write(
      "tokenizer_config.json", try tokenizer.tokenizerConfiguration(maximumLength: length))
    try folder.write("special_tokens_map.json", try tokenizer.specialTokensMap())
    try folder.write("vocab.txt", tokenizer.vocabularyLines())
    var notes = request.notes
    notes.maximumLength = length
    try folder.write(ModelNotes.fileName, try notes.json())
    try request.writeWeights(to: try folder.path(of: "model.safetensors"))
  }
}

extension ExportRequest {
  /// Writes all parameters under their own names.
  func writeWeights(to path: String) throws(Failure) {
    let parameters = model.parameters
    let entries = parameters.table.entries
    let places = Dictionary(
      entries.map { ($0.name, $0.parameter) }, uniquingKeysWith: { first, _ in first })
    try writeSafeTensors(
      to: path, tensors: entries.map { ($0.name, $0.parameter.shape.array) },
      precision: precision, metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      guard let parameter = places[name] else { return }
      try parameters[parameter].withSpan { (values) throws(Failure) in
        try check(values, name)
        try write(values)
      }
    }
  }

  /// Says no to weights that another program could not use.
  private func check(_ values: Span<Float>, _ name: String) throws(Failure) {
    // The first magnitude that rounds to infinity in binary16.
    let limit: Float = precision == .f16 ? 65520 : .infinity
    for index in values.indices where !(abs(values[index]) < limit) {
      let isFinite = values[index].isFinite
      throw Failure(
        .badData, "value \(index) of '\(name)' is \(values[index])", at: Place(name),
        expected: isFinite ? "magnitudes below 65520, the limit of f16" : "finite values",
        remedy: isFinite
          ? "choose the precision bf16 or f32" : "use weights from before the training went wrong")
    }
  }
}
