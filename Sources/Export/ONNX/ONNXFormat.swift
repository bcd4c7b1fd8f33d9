package import Autodiff
package import Diagnostics
package import Files
import ModelFiles
package import Models

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
  /// - Parameter omitsZeroTypes: whether the graph has no token type input if all types of a pair
  ///   are 0.
  func writeONNX(
    to name: String, in folder: FolderWriter, omitsZeroTypes: Bool = false
  ) throws(Failure) {
    try checkWeights()
    try folder.write(name) { (writer) throws(Failure) in
      try Export.writeONNX(
        of: model.blueprint, model.parameters, precision,
        takesTokenTypes: takesTokenTypes && !(omitsZeroTypes && hasOnlyZeroTypes),
        maximumLength: maximumLength, to: &writer, at: Place("\(folder.path)/\(name)"))
    }
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

/// Writes the computation of a blueprint with these parameters as an ONNX file.
///
/// - Throws: `io`, or `badData` if the file would exceed the size limit of its format.
package func writeONNX(
  of blueprint: Blueprint, _ parameters: Parameters, _ precision: ExportPrecision,
  takesTokenTypes: Bool, maximumLength: Int, to file: inout FileWriter, at place: Place
) throws(Failure) {
  let graph = ONNXCrossEncoder.graph(
    of: blueprint, parameters, precision: precision, takesTokenTypes: takesTokenTypes)
  try ONNXFile(
    graph: graph,
    properties: [("max_length", "\(maximumLength)"), ("precision", precision.rawValue)]
  ).write(to: &file, at: place)
}
