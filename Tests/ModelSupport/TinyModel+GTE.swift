import Randomness

extension TinyModel {
  /// The same weights as a GTE: its names, one token type, rotary positions that are scaled for longer
  /// sequences, queries, keys and values in one matrix, and gates in front of which the feed-forward
  /// layers have their other factor.
  public func gte() -> TinyModel {
    var model = self
    for key in ["model_type", "type_vocab_size", "layer_norm_eps", "num_labels"] {
      model.configuration?[key] = nil
    }
    model.configuration?.merge([
      "model_type": "\"new\"", "type_vocab_size": "1", "layer_norm_eps": "1e-12",
      "rope_theta": "200.0", "rope_scaling": #"{"type": "ntk", "factor": 8.0}"#,
      "position_embedding_type": "\"rope\"", "pack_qkv": "true", "pad_token_id": "1",
      "layer_norm_type": "\"layer_norm\"", "logn_attention_scale": "false",
      "logn_attention_clip1": "false", "unpad_inputs": "false",
      "use_memory_efficient_attention": "false",
      "auto_map": #"{"AutoConfig": "Alibaba-NLP/new-impl--configuration.NewConfig"}"#,
    ]) { $1 }
    model.tensors = [:]
    var random = SplitMix64(seed: 17)
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let own = Self.gteName(name)
      switch name.split(separator: ".").suffix(2).first {
      case "position_embeddings", "query", "key", "value": continue
      case "token_type_embeddings":
        let width = tensor.shape[1]
        model.tensors[own] = Tensor(shape: [1, width], values: Array(tensor.values[..<width]))
      case "dense" where own.hasSuffix("up_gate_proj.weight"):
        let gate = tensor.values.map { _ in 0.6 * Float(random.uniform() - 0.5) }
        model.tensors[own] = Tensor(
          shape: [2 * tensor.shape[0], tensor.shape[1]], values: tensor.values + gate)
      case "dense" where own.hasSuffix("up_gate_proj.bias"): continue
      default: model.tensors[own] = tensor
      }
    }
    for (name, tensor) in joinedProjections() {
      model.tensors[Self.gteName(name) + "." + tensor.0] = tensor.1
    }
    return model
  }

  /// The weights and biases of queries, keys and values of each layer, one after the other, by the
  /// name of the layer's attention.
  func joinedProjections() -> [(String, (String, Tensor))] {
    tensors.keys.filter { $0.contains("attention.self.query.") }.map { name in
      let parts = ["query", "key", "value"].compactMap { part in
        tensors[name.replacing("query", with: part)]
      }
      let shape = [parts.reduce(0) { $0 + $1.shape[0] }] + parts[0].shape.dropFirst()
      let ending = name.hasSuffix("weight") ? "weight" : "bias"
      return (
        String(name.dropLast(ending.count + 1)),
        (ending, Tensor(shape: shape, values: parts.flatMap(\.values)))
      )
    }
  }

  /// The name of a BERT's tensor in a GTE.
  private static func gteName(_ name: String) -> String {
    [
      ("bert.", "new."), ("attention.self.query", "attention.qkv_proj"),
      ("attention.output.dense", "attention.o_proj"), ("attention.output.LayerNorm", "attn_ln"),
      ("intermediate.dense", "mlp.up_gate_proj"), ("output.dense", "mlp.down_proj"),
      ("output.LayerNorm", "mlp_ln"),
    ].reduce(name) { $0.replacing($1.0, with: $1.1) }
  }
}
