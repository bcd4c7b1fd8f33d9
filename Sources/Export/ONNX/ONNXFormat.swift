import Diagnostics
import Files
import ModelFiles
import Models

extension ExportFormat {
  /// The types in which the weights of an ONNX file can be stored.
  static let onnxPrecisions: [ExportPrecision] = [.f32, .f16, .int8]

  /// An ONNX file with configuration and tokenizer, for ONNX Runtime, optimum,
  /// sentence-transformers and text-embeddings-inference.
  public static let onnx = ExportFormat(
    name: "onnx",
    meaning: "an ONNX file for ONNX Runtime, with configuration and tokenizer",
    precisions: onnxPrecisions, contents: .onnx,
    limits: { request in
      request.onnxLimits + request.transformersLimits
        + (request.takesTokenTypes
          ? [
            "infinity's ONNX engine omits token types: its scores differ, unless the model was"
              + " trained with a single token type"
          ] : [])
    }
  ) { (request, folder) throws(Failure) in
    try request.writeSidecar(to: folder)
    try request.writeONNX(to: "model.onnx", in: folder)
  }
}

extension ExportRequest {
  /// Writes the model as an ONNX file.
  ///
  /// - Parameters:
  ///   - omitsZeroTypes: whether the graph has no token type input if all types of a pair are 0.
  ///   - mayDivide: whether readers of the format take weights from a second file, `NAME_data`,
  ///     where one would be too large.
  func writeONNX(
    to name: String, in folder: FolderWriter, omitsZeroTypes: Bool = false, mayDivide: Bool = true
  ) throws(Failure) {
    try checkWeights()
    try onnxFile(
      takesTokenTypes: takesTokenTypes && !(omitsZeroTypes && hasOnlyZeroTypes)
    ).write(to: name, in: folder, most: mostONNXBytes, mayDivide: mayDivide)
  }

  /// Whether the weights do not fit one ONNX file.
  var dividesONNX: Bool {
    get throws(Failure) {
      try onnxFile(takesTokenTypes: takesTokenTypes).size > mostONNXBytes
    }
  }

  private func onnxFile(takesTokenTypes: Bool) -> ONNXFile {
    ONNXFile(
      graph: ONNXCrossEncoder.graph(
        of: model.blueprint, model.parameters, precision: precision,
        takesTokenTypes: takesTokenTypes),
      properties: [("max_length", "\(maximumLength)"), ("precision", precision.rawValue)])
  }

  /// The reasons why scores differ from the model's in every program that reads the file.
  var onnxLimits: [String] {
    switch precision {
    case .f32, .bf16: commonLimits
    case .f16:
      commonLimits + ["scores are rounded: weights and the operands of products are f16"]
    case .int8:
      commonLimits + [
        "scores are rounded: weights and activations are in 8 bits; processors without VNNI"
          + " instructions may saturate sums of products and then give other scores"
      ]
    }
  }

  /// The names of the inputs of an ONNX file.
  var onnxInputs: [String] {
    ["input_ids", "attention_mask"] + (takesTokenTypes ? ["token_type_ids"] : [])
  }

  /// Whether the model has token types.
  var takesTokenTypes: Bool { model.blueprint.hasTokenTypes }

  /// Whether all tokens of a pair have the type 0.
  var hasOnlyZeroTypes: Bool { model.pairTypes.allSatisfy { $0 == 0 } }
}
