import Foundation
import Models

/// A ModernBERT reranker of the shape of ettin-17m with random weights, in a new folder: 256 wide, 7
/// layers, GeGLU of 384, every third layer global, the others with a window of 128 tokens. Times do
/// not depend on the weights, and no small pretrained one can be fetched with the encoder.
enum RandomModernBERT {
  private static let (width, inner, layers, heads) = (256, 384, 7, 4)

  /// Writes the model with the tokenizer of `sidecar`, a vocabulary of `vocabulary` tokens, into a
  /// temporary folder and returns its path.
  static func written(tokenizerOf sidecar: ModelSidecar, vocabulary: Int) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "ltr-benchmarks-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes) in sidecar.files where name != "config.json" {
      try Data(bytes).write(to: folder.appending(path: name))
    }
    let configuration: [String: Any] = [
      "model_type": "modernbert", "architectures": ["ModernBertForSequenceClassification"],
      "vocab_size": vocabulary, "hidden_size": width, "intermediate_size": inner,
      "num_hidden_layers": layers, "num_attention_heads": heads,
      "max_position_embeddings": 7_999, "local_attention": 128,
      "global_attn_every_n_layers": 3, "global_rope_theta": 160_000, "local_rope_theta": 10_000,
      "hidden_activation": "gelu", "norm_eps": 1e-5, "norm_bias": false, "attention_bias": false,
      "mlp_bias": false, "classifier_pooling": "cls", "classifier_bias": false,
      "classifier_activation": "gelu", "pad_token_id": 0, "num_labels": 1,
    ]
    try JSONSerialization.data(withJSONObject: configuration).write(
      to: folder.appending(path: "config.json"))
    try weights(vocabulary: vocabulary).write(to: folder.appending(path: "model.safetensors"))
    return folder.path(percentEncoded: false)
  }

  /// The weights of that model in a safetensors file.
  private static func weights(vocabulary: Int) throws -> Data {
    var shapes: [(name: String, shape: [Int])] = [
      ("model.embeddings.tok_embeddings.weight", [vocabulary, width]),
      ("model.embeddings.norm.weight", [width]), ("model.final_norm.weight", [width]),
      ("head.dense.weight", [width, width]), ("head.norm.weight", [width]),
      ("classifier.weight", [1, width]), ("classifier.bias", [1]),
    ]
    for layer in 0..<layers {
      let prefix = "model.layers.\(layer)."
      if layer > 0 { shapes.append((prefix + "attn_norm.weight", [width])) }
      shapes += [
        (prefix + "attn.Wqkv.weight", [3 * width, width]),
        (prefix + "attn.Wo.weight", [width, width]), (prefix + "mlp_norm.weight", [width]),
        (prefix + "mlp.Wi.weight", [2 * inner, width]),
        (prefix + "mlp.Wo.weight", [width, inner]),
      ]
    }
    var header: [String: Any] = [:]
    var values: [Float] = []
    var state: UInt64 = 1
    for (name, shape) in shapes {
      let start = values.count
      for _ in 0..<shape.reduce(1, *) {
        guard !name.contains("norm") else {
          values.append(1)
          continue
        }
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        values.append((Float(state >> 40) / Float(1 << 24) - 0.5) * 0.07)
      }
      header[name] = [
        "dtype": "F32", "shape": shape, "data_offsets": [4 * start, 4 * values.count],
      ]
    }
    let head = try JSONSerialization.data(withJSONObject: header)
    var file = Data()
    let length = UInt64(head.count)
    for byte in 0..<8 { file.append(UInt8(truncatingIfNeeded: length >> (8 * byte))) }
    file.append(head)
    unsafe values.withUnsafeBytes { unsafe file.append(contentsOf: $0) }
    return file
  }
}
