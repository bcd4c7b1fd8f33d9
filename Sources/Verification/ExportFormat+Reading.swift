public import Diagnostics
public import Export
import Files
import ModelFiles
public import Models
import Tokenization

extension ExportFormat {
  /// Reads a folder that was written and scores pairs, by nothing that writing uses. `model` is what
  /// was written, for what the folder has no place for.
  public typealias Rescoring =
    @Sendable (_ folder: String, _ pairs: [EncodedPair], _ model: CrossEncoder) throws(Failure)
    -> [Float]

  /// A program that does not compute quite what the model does.
  struct Reader: Sendable {
    let name: String
    /// Scores pairs with a folder that was written as that program would, but for its rounding.
    let scores: @Sendable (_ folder: String, _ pairs: [EncodedPair]) throws(Failure) -> [Float]
  }

  /// How a folder of this format is read back.
  public var rescore: Rescoring {
    switch contents {
    case .huggingFace:
      { (folder, pairs, _) throws(Failure) in
        try CrossEncoder(ModelSource(folder), seed: 0).scores(of: pairs)
      }
    case .onnx:
      { (folder, pairs, _) throws(Failure) in
        let file = try onnxFile(below: folder)
        return try ONNXInterpreter(try readFile(file), name: file).scores(of: pairs)
      }
    case .gguf:
      // The file does not say which activation it was made for: llama.cpp has one.
      { (folder, pairs, model) throws(Failure) in
        try scoresOfGGUF(folder, pairs, by: .model(model.configuration.activation))
      }
    }
  }

  /// A program that computes differently from the model, and the scores it gets; nil where none does.
  var reader: Reader? {
    switch contents {
    case .huggingFace, .onnx: nil
    case .gguf:
      // What llama.cpp does otherwise whatever the weights are stored as; not the rounding of its
      // products.
      Reader(name: "llama.cpp (its GELU and token types)") { (folder, pairs) throws(Failure) in
        try scoresOfGGUF(folder, pairs, by: .llama)
      }
    }
  }
}

private func scoresOfGGUF(
  _ folder: String, _ pairs: [EncodedPair], by graph: GGUFScorer.Graph
) throws(Failure) -> [Float] {
  let names = GGUFEncoding.allCases.map { "\(folder)/\(ExportRequest.ggufName($0))" }
  guard let file = names.first(where: { fileKind(at: $0) == .file }) else {
    throw Failure(.software, "there is no GGUF file", at: Place(folder))
  }
  return try GGUFScorer(try GGUFReader(path: file)).scores(
    of: pairs.map { EncodedSequence(ids: $0.ids, typeIDs: $0.types) }, by: graph)
}

/// The ONNX file below a folder, in an archive perhaps.
func onnxFile(below folder: String) throws(Failure) -> String {
  let names = try Folder(opening: folder).names()
  if let name = names.first(where: { $0.hasSuffix(".onnx") }) { return "\(folder)/\(name)" }
  for archive in names where archive.hasSuffix(".zip") {
    let inner = try Folder(opening: "\(folder)/\(archive)").names()
    if let name = inner.first(where: { $0.hasSuffix(".onnx") }) {
      return "\(folder)/\(archive)/\(name)"
    }
  }
  throw Failure(.missingInput, "there is no ONNX file", at: Place(folder))
}

/// Calls `body` with an ONNX file as a file of its own.
func withONNXFile<R>(
  below folder: String, _ body: (String) throws(Failure) -> R
) throws(Failure) -> R {
  let path = try onnxFile(below: folder)
  if fileKind(at: path) == .file { return try body(path) }
  return try withTemporaryFile(holding: try readFile(path), body)
}
