import Diagnostics
import Files
import ModelFiles

extension ExportFormat {
  /// A model repository of the Triton inference server.
  public static let triton = ExportFormat(
    name: "triton",
    meaning: "a model repository of Triton: ONNX file, config.pbtxt with dynamic batching",
    precisions: onnxPrecisions, contents: .onnx,
    limits: { request in
      request.onnxLimits + [
        "Triton batches only requests of equal length: let the client pad texts to a few lengths"
      ]
    }
  ) { (request, folder) throws(Failure) in
    let name = request.name
    // Where weights are in a second file, the server expects a folder in place of the file.
    let file = try request.dividesONNX ? "model.onnx/model.onnx" : "model.onnx"
    try request.writeONNX(to: "\(name)/1/\(file)", in: folder)
    try folder.write("\(name)/config.pbtxt", tritonConfiguration(name, request.onnxInputs))
    // The server's clients tokenize, and need the tokenizer and the truncation length.
    let tokenizer = try TokenizerFiles(request.model.sidecar, request.model.tokenizer)
    try folder.write(
      "\(name)/tokenizer.json",
      try tokenizer.tokenizerJSON(maximumLength: request.maximumLength, mustCut: true))
  }
}

private func tritonConfiguration(_ name: String, _ inputs: [String]) -> String {
  let inputs = inputs.map {
    #"  { name: "\#($0)" data_type: TYPE_INT64 dims: [ -1 ] }"#
  }
  return """
    name: "\(name)"
    backend: "onnxruntime"
    max_batch_size: 64
    input [
    \(inputs.joined(separator: ",\n"))
    ]
    output [
      { name: "logits" data_type: TYPE_FP32 dims: [ 1 ] }
    ]
    dynamic_batching {
      max_queue_delay_microseconds: 2000
    }

    """
}
