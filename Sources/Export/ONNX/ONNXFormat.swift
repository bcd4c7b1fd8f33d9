import Diagnostics
import Files
import ModelFiles
import Models

extension ExportFormat {
  /// What an ONNX file's weights can be stored as.
  static let onnxPrecisions: [ExportPrecision] = [.f32, .f16, .int8]

  /// An ONNX file with configuration and tokenizer, as ONNX Runtime, optimum, sentence-transformers
  /// and text-embeddings-inference read it.
  public static let onnx = ExportFormat(
    name: "onnx",
    meaning: "an ONNX file for ONNX Runtime, with configuration and tokenizer",
    precisions: onnxPrecisions, holdsONNX: true,
    limits: { request in
      request.onnxLimits + request.transformersLimits + [
        "infinity's ONNX engine leaves token types out: its scores are others, unless the model"
          + " was trained with a single segment"
      ]
    }, rescore: rescoreONNX
  ) { (request, folder) throws(Failure) in
    try request.writeSidecar(to: folder)
    try request.writeONNX(to: "model.onnx", in: folder)
  }

  /// Scores pairs with the ONNX file below a folder, by the reader of our own.
  static let rescoreONNX:
    @Sendable (_ folder: String, _ pairs: [EncodedPair], _ model: CrossEncoder) throws(Failure)
      -> [Float] = { (folder, pairs, _) throws(Failure) in
        let file = try onnxFile(below: folder)
        return try ONNXInterpreter(try readFile(file), name: file).scores(of: pairs)
      }
}

extension ExportRequest {
  /// Writes the model as an ONNX file.
  func writeONNX(
    to name: String, in folder: FolderWriter, hasTokenTypes: Bool = true
  ) throws(Failure) {
    try checkWeights()
    let graph = ONNXCrossEncoder.graph(
      of: model, precision: precision, hasTokenTypes: hasTokenTypes)
    let file = ONNXFile(
      graph: graph,
      properties: [("max_length", "\(maximumLength)"), ("precision", precision.rawValue)])
    try folder.write(name) { (writer) throws(Failure) in
      try file.write(to: &writer, at: Place("\(folder.path)/\(name)"))
    }
  }

  /// Where scores are not the model's, whoever reads the file.
  var onnxLimits: [String] {
    switch precision {
    case .f32, .bf16: untrainedLimits
    case .f16:
      untrainedLimits + ["scores are rounded: weights and the operands of products are f16"]
    case .int8:
      untrainedLimits + [
        "scores are rounded: weights and activations are in 8 bits; processors without VNNI"
          + " instructions may cut off sums of products and then score otherwise"
      ]
    }
  }

  /// Whether any token of a pair has another type than 0.
  var hasSegments: Bool { model.pairTypes.contains { $0 != 0 } }
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
