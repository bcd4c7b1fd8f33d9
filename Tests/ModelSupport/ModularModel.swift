import Diagnostics
public import Foundation
import Persistence
import Randomness
import TestSupport

/// A reranker as sentence-transformers 5.4 and later save it: a bare encoder, and modules with files of
/// their own. Everything about it can be changed before it is written.
public struct ModularModel: Sendable {
  /// The encoder, whose tensors have no prefix.
  public var encoder: TinyModel
  /// The texts of other files, by name.
  public var files: [String: String] = [:]
  /// The tensors of modules, by folder and name.
  public var tensors: [String: [String: TinyModel.Tensor]] = [:]

  /// A reranker without modules.
  public init(encoder: TinyModel) { self.encoder = encoder }

  /// The encoder of a model with a head as ettin rerankers have it: pooling, a dense layer with GELU and
  /// without bias, a norm, and a dense layer that gives the score. `prefix` is what the names of the
  /// encoder's tensors begin with.
  public init(_ tiny: TinyModel, prefix: String, width: Int, pooling: String = "cls") {
    var encoder = tiny
    encoder.tensors = [:]
    for (name, tensor) in tiny.tensors where name.hasPrefix(prefix) {
      encoder.tensors[String(name.dropFirst(prefix.count))] = tensor
    }
    self.init(encoder: encoder)
    let classes = "sentence_transformers."
    let row = "\"module_input_name\": \"sentence_embedding\", \"module_output_name\": "
    files = [
      "modules.json": """
      [{"idx": 0, "name": "0", "path": "", "type": "\(classes)base.modules.transformer.Transformer"},
       {"idx": 1, "name": "1", "path": "1_Pooling",
        "type": "\(classes)sentence_transformer.modules.pooling.Pooling"},
       {"idx": 2, "name": "2", "path": "2_Dense", "type": "\(classes)base.modules.dense.Dense"},
       {"idx": 3, "name": "3", "path": "3_LayerNorm",
        "type": "\(classes)sentence_transformer.modules.layer_norm.LayerNorm"},
       {"idx": 4, "name": "4", "path": "4_Dense", "type": "\(classes)base.modules.dense.Dense"}]
      """,
      "config_sentence_transformers.json":
        #"{"model_type": "CrossEncoder", "prompts": {}, "default_prompt_name": null}"#,
      "sentence_bert_config.json":
        #"{"transformer_task": "feature-extraction", "module_output_name": "token_embeddings"}"#,
      "1_Pooling/config.json":
        "{\"embedding_dimension\": \(width), \"pooling_mode\": \"\(pooling)\"}",
      "2_Dense/config.json": """
      {"in_features": \(width), "out_features": \(width), "bias": false,
       "activation_function": "torch.nn.modules.activation.GELU", \(row)"sentence_embedding"}
      """,
      "3_LayerNorm/config.json": "{\"dimension\": \(width)}",
      "4_Dense/config.json": """
      {"in_features": \(width), "out_features": 1, "bias": true,
       "activation_function": "torch.nn.modules.linear.Identity", \(row)"scores"}
      """,
    ]
    var random = SplitMix64(seed: 54)
    func tensor(_ shape: [Int], around middle: Float = 0) -> TinyModel.Tensor {
      TinyModel.Tensor(
        shape: shape,
        values: (0..<shape.reduce(1, *)).map { _ in middle + Float(random.uniform()) - 0.5 })
    }
    tensors = [
      "2_Dense": ["linear.weight": tensor([width, width])],
      "3_LayerNorm": ["norm.weight": tensor([width], around: 1), "norm.bias": tensor([width])],
      "4_Dense": ["linear.weight": tensor([1, width]), "linear.bias": tensor([1])],
    ]
  }

  /// Writes the files into `folder`, which is made.
  public func write(to folder: URL) throws {
    try encoder.write(to: folder)
    for (name, text) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    for (module, tensors) in tensors {
      let own = folder.appending(path: module)
      try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
      try writeSafeTensors(
        to: own.appending(path: "model.safetensors").path(percentEncoded: false),
        tensors: tensors.map { ($0.key, $0.value.shape) }
      ) { (name, write) throws(Failure) in
        let values = tensors[name]?.values ?? []
        try write(values.span)
      }
    }
  }

  /// Writes the model into a new temporary folder and returns its path.
  public func written() throws -> String {
    let folder = try Material.temporaryFolder()
    try write(to: folder)
    return folder.path(percentEncoded: false)
  }
}
