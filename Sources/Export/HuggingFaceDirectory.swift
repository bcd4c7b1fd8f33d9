import Diagnostics
import Files
import JSON
import ModelFiles
import Models
import Persistence

extension ExportFormat {
  /// A Hugging Face directory for transformers, sentence-transformers, text-embeddings-inference,
  /// vLLM, infinity and eland.
  ///
  /// It has no `modules.json`, which would make sentence-transformers look for a pooling module.
  public static let huggingFace = ExportFormat(
    name: "hf",
    meaning: "a Hugging Face directory: safetensors weights, configuration and tokenizer",
    contents: .huggingFace, limits: { $0.roundingLimits + $0.transformersLimits }
  ) { (request, folder) throws(Failure) in
    try request.writeSidecar(to: folder)
    try request.writeWeights(to: try folder.path(of: "model.safetensors"))
  }
}

extension ExportRequest {
  /// The texts that transformers splits differently from the model's tokenizer, one sentence each.
  var transformersLimits: [String] {
    let files = try? TokenizerFiles(model.sidecar, model.tokenizer)
    let roles = files?.unmatchedRoles ?? []
    if roles.isEmpty { return [] }
    return [
      "transformers reads \(roles.map { "'\($0)'" }.joined(separator: ", ")) in a text as special"
        + " tokens, but this tokenizer splits them as ordinary words"
    ]
  }

  /// Writes configuration and tokenizer.
  func writeSidecar(to folder: FolderWriter) throws(Failure) {
    let tokenizer = try TokenizerFiles(model.sidecar, model.tokenizer)
    try folder.write("config.json", try HuggingFaceConfiguration.json(self))
    try folder.write("tokenizer.json", try tokenizer.tokenizerJSON(maximumLength: maximumLength))
    try folder.write(
      "tokenizer_config.json",
      try tokenizer.tokenizerConfiguration(
        maximumLength: maximumLength, takesTokenTypes: takesTokenTypes))
    try folder.write("special_tokens_map.json", try tokenizer.specialTokensMap())
    if model.tokenizer.isWordPiece {
      try folder.write("vocab.txt", tokenizer.vocabularyLines())
    }
    // Without it, text-embeddings-inference truncates at the last position, not at the length that the
    // model was trained with.
    let truncation: JSONValue = ["max_seq_length": .whole(maximumLength), "do_lower_case": false]
    try folder.write("sentence_bert_config.json", try truncation.json(isPretty: true) + "\n")
    var notes = notes
    notes.maximumLength = maximumLength
    notes.base = notes.base.map(ModelNotes.short)
    try folder.write(ModelNotes.fileName, try notes.json())
  }

  /// Rejects weights that are not finite or too large for the precision.
  func checkWeights() throws(Failure) {
    for entry in model.parameters.table.entries {
      try model.parameters[entry.parameter].withSpan { (values) throws(Failure) in
        try check(values, entry.name)
      }
    }
  }

  /// Writes all parameters under their own names.
  func writeWeights(to path: String) throws(Failure) {
    let parameters = model.parameters
    let entries = parameters.table.entries
    let places = Dictionary(
      entries.map { ($0.name, $0.parameter) }, uniquingKeysWith: { first, _ in first })
    try writeSafeTensors(
      to: path, tensors: entries.map { ($0.name, $0.parameter.shape.array) },
      precision: precision.stored ?? .f32, metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      guard let parameter = places[name] else { return }
      try parameters[parameter].withSpan { (values) throws(Failure) in
        try check(values, name)
        try write(values)
      }
    }
  }

  /// Rejects weights that are not finite or too large for the precision.
  private func check(_ values: Span<Float>, _ name: String) throws(Failure) {
    // The first magnitude that rounds to infinity in binary16.
    let limit: Float = precision == .f16 ? 65520 : .infinity
    for index in values.indices where !(abs(values[index]) < limit) {
      let isFinite = values[index].isFinite
      throw Failure(
        .badData, "value \(index) of '\(name)' is \(values[index])", at: Place(name),
        expected: isFinite ? "magnitudes below 65520, the limit of f16" : "finite values",
        remedy: isFinite
          ? "choose the precision bf16 or f32"
          : "use weights saved before training diverged")
    }
  }
}
