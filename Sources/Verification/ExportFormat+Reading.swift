public import Diagnostics
public import Export
import Files
import ModelFiles
public import Models
import Tokenization

extension ExportFormat {
  /// Reads a written folder and scores pairs, with no code that the writer uses. `model` is the model
  /// that was written, for settings that the format does not store.
  public typealias Rescoring =
    @Sendable (_ folder: String, _ pairs: [EncodedPair], _ model: CrossEncoder) throws(Failure)
    -> [Float]

  /// A program whose arithmetic differs from the model's.
  struct Reader: Sendable {
    let name: String
    /// Scores pairs by a written folder as that program does, apart from its rounding.
    let scores: @Sendable (_ folder: String, _ pairs: [EncodedPair]) throws(Failure) -> [Float]
  }

  /// The function that reads back a folder of this format.
  public var rescore: Rescoring {
    switch contents {
    case .huggingFace:
      { (folder, pairs, _) throws(Failure) in
        try CrossEncoder(ModelSource(folder), seed: 0).scores(of: pairs)
      }
    case .onnx:
      { (folder, pairs, _) throws(Failure) in
        try scoresOfONNX(try onnxFile(below: folder), pairs)
      }
    case .gguf:
      // The file does not contain its activation, since llama.cpp has only one.
      { (folder, pairs, model) throws(Failure) in
        try scoresOfGGUF(folder, pairs, by: .model(model.blueprint.activation ?? .gelu))
      }
    }
  }

  /// A reader of the format whose arithmetic differs from the model's; nil if there is none.
  var reader: Reader? {
    switch contents {
    case .huggingFace, .onnx: nil
    case .gguf:
      // The differences of llama.cpp in every precision, apart from the rounding of its products.
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
    throw Failure(.software, "the folder holds no GGUF file", at: Place(folder))
  }
  return try GGUFScorer(try GGUFReader(path: file)).scores(
    of: pairs.map { EncodedSequence(ids: $0.ids, typeIDs: $0.types) }, by: graph)
}

/// The ONNX file below a folder, possibly in an archive.
func onnxFile(below folder: String) throws(Failure) -> String {
  let names = try Folder(opening: folder).names()
  if let name = names.first(where: { $0.hasSuffix(".onnx") }) { return "\(folder)/\(name)" }
  for archive in names where archive.hasSuffix(".zip") {
    let inner = try Folder(opening: "\(folder)/\(archive)").names()
    if let name = inner.first(where: { $0.hasSuffix(".onnx") }) {
      return "\(folder)/\(archive)/\(name)"
    }
  }
  throw Failure(.missingInput, "the folder holds no ONNX file", at: Place(folder))
}

/// Calls `body` with the ONNX file, unpacked to a temporary file if it is in an archive.
func withONNXFile<R>(
  below folder: String, _ body: (String) throws(Failure) -> R
) throws(Failure) -> R {
  let path = try onnxFile(below: folder)
  if fileKind(at: path) == .file { return try body(path) }
  return try withTemporaryFile(holding: try readFile(path), body)
}
