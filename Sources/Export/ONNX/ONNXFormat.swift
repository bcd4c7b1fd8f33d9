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
    precisions: onnxPrecisions, contents: .onnx,
    limits: { request in
      request.onnxLimits + request.transformersLimits + [
        "infinity's ONNX engine leaves token types out: its scores are others, unless the model"
          + " was trained with a single segment"
      ]
    }
  ) { (request, folder) throws(Failure) in
    try request.writeSidecar(to: folder)
    try request.writeONNX(to: "model.onnx", in: folder)
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
