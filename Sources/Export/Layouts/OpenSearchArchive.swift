import Diagnostics
import Files
import JSON
import ModelFiles

extension ExportFormat {
  /// An archive for OpenSearch's ML Commons, with the body of the request that registers it.
  public static let openSearch = ExportFormat(
    name: "opensearch",
    meaning: "a zip for OpenSearch's ML Commons with the JSON that registers it",
    precisions: onnxPrecisions, contents: .onnx, limits: \.onnxLimits
  ) { (request, folder) throws(Failure) in
    let archive = "\(request.name).zip"
    let tokenizer = try TokenizerFiles(request.model.sidecar, request.model.tokenizer)
    // OpenSearch takes the truncation length from this file alone.
    let json = try tokenizer.tokenizerJSON(maximumLength: request.maximumLength, mustCut: true)
    try request.writeONNX(to: "model.onnx", in: folder, mayDivide: false)
    try folder.write(archive) { (file) throws(Failure) in
      var zip = ZipWriter()
      try zip.add("model.onnx", try Bytes(mapping: "\(folder.path)/model.onnx"), to: &file)
      try zip.add("tokenizer.json", Bytes(json), to: &file)
      try zip.finish(&file)
    }
    try folder.remove("model.onnx")
    let bytes = try Bytes(mapping: "\(folder.path)/\(archive)")
    try folder.write(
      "register.json", try registration(request, bytes).json(isPretty: true) + "\n")
  }
}

/// The body of `POST /_plugins/_ml/models/_register`, without the `url` of the archive.
private func registration(
  _ request: ExportRequest, _ archive: Bytes
) throws(Failure) -> JSONValue {
  let configuration = try HuggingFaceConfiguration.json(request)
  return [
    "name": .text(request.name), "version": "1.0.0", "function_name": "TEXT_SIMILARITY",
    "description": "a cross-encoder, exported by ltr", "model_format": "ONNX",
    "model_content_size_in_bytes": .whole(archive.count),
    "model_content_hash_value": .text(sha256(archive)),
    "model_config": [
      "model_type": request.model.architecture.exported.members["model_type"] ?? .null,
      "embedding_dimension": 1,
      "framework_type": "huggingface_transformers",
      "all_config": .text(configuration),
    ],
  ]
}
