import Autodiff
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
  /// It has no `modules.json`, which would make sentence-transformers look for a pooling module: a
  /// head of modules is written as the family's own classifier where that computes the same.
  public static let huggingFace = ExportFormat(
    name: "hf",
    meaning: "a Hugging Face directory: safetensors weights, configuration and tokenizer",
    contents: .huggingFace,
    limits: { request in
      request.roundingLimits + request.transformersLimits
        + [request.model.architecture.exported.limit].compactMap { $0 }
    }
  ) { (request, folder) throws(Failure) in
    let request = try request.withFamilyHead()
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

  /// The same request for the model with its family's own classifier.
  ///
  /// - Throws: `badData` if the classifier cannot compute the model's head.
  func withFamilyHead() throws(Failure) -> ExportRequest {
    try ExportRequest(
      model: model.withFamilyHead(), notes: notes, precision: precision, name: name, card: card)
  }

  /// Writes configuration and tokenizer.
  ///
  /// - Parameters:
  ///   - isBare: whether the configuration is that of an encoder without a classifier.
  ///   - encoder: settings of the encoder for sentence-transformers, beside the maximum length.
  func writeSidecar(
    to folder: FolderWriter, isBare: Bool = false, encoder: [String: JSONValue] = [:]
  ) throws(Failure) {
    let tokenizer = try TokenizerFiles(model.sidecar, model.tokenizer)
    try folder.write("config.json", try HuggingFaceConfiguration.json(self, isBare: isBare))
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
    let truncation: [String: JSONValue] = [
      "max_seq_length": .whole(maximumLength), "do_lower_case": false,
    ]
    let settings = JSONValue.object(truncation.merging(encoder) { $1 })
    try folder.write("sentence_bert_config.json", try settings.json(isPretty: true) + "\n")
    var notes = notes
    notes.maximumLength = maximumLength
    // The rows of answers have become the score head that is written, unless that is one of them.
    notes.answers = isBare ? nil : try answerLayer()?.answers
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

  /// Writes all parameters under their own names; a score head as an output layer where the class
  /// has no other.
  func writeWeights(to path: String) throws(Failure) {
    let answers = try answerLayer()
    let entries = model.parameters.table.entries.filter { $0.name != answers?.head.name }
    try writeTensors(entries.map { ($0.name, $0.parameter) }, answers: answers, to: path)
  }

  /// Writes parameters under other names, and perhaps a vector of zeros or an output layer.
  func writeTensors(
    _ tensors: [(name: String, parameter: Parameter)], zeros: (name: String, count: Int)? = nil,
    answers: AnswerLayer? = nil, to path: String
  ) throws(Failure) {
    let places = Dictionary(
      tensors.map { ($0.name, $0.parameter) }, uniquingKeysWith: { first, _ in first })
    try writeSafeTensors(
      to: path,
      tensors: tensors.map { ($0.name, $0.parameter.shape.array) }
        + (zeros.map { [($0.name, [$0.count])] } ?? [])
        + (answers.map { [($0.name, $0.shape)] } ?? []),
      precision: precision.stored ?? .f32, metadata: ["format": "pt"]
    ) { (name, write) throws(Failure) in
      if let answers, name == answers.name {
        try model.parameters[answers.head.parameter].withSpan { (values) throws(Failure) in
          try check(values, name)
          try answers.write(values, to: write)
        }
        return
      }
      guard let parameter = places[name] else {
        try write([Float](repeating: 0, count: zeros?.count ?? 0).span)
        return
      }
      try model.parameters[parameter].withSpan { (values) throws(Failure) in
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
