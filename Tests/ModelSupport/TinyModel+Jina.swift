extension TinyModel {
  /// The same weights as `roberta()` gives them, in the layout of jina-reranker-v2: no `model_type`,
  /// the code that computes it, and its own names, with queries, keys and values in one tensor.
  public func jina() -> TinyModel {
    let plain = roberta()
    var model = plain
    model.configuration?["model_type"] = nil
    model.configuration?.merge([
      "architectures": #"["XLMRobertaForSequenceClassification"]"#,
      "auto_map": #"{"AutoConfig": "configuration_xlm_roberta.XLMRobertaFlashConfig"}"#,
      "use_flash_attn": "true", "lora_adaptations": "null", "lora_rank": "4", "emb_pooler": "null",
      "position_embedding_type": "\"absolute\"",
    ]) { $1 }
    model.tensors = [:]
    for (name, tensor) in plain.tensors where !name.contains("attention.self.") {
      model.tensors[Self.jinaName(name)] = tensor
    }
    for (name, tensor) in plain.joinedProjections() {
      model.tensors[Self.jinaName(name) + "." + tensor.0] = tensor.1
    }
    return model
  }

  /// The name of an XLM-RoBERTa's tensor in that layout.
  private static func jinaName(_ name: String) -> String {
    [
      ("embeddings.LayerNorm", "emb_ln"), ("encoder.layer.", "encoder.layers."),
      ("attention.self.query", "mixer.Wqkv"), ("attention.output.dense", "mixer.out_proj"),
      ("attention.output.LayerNorm", "norm1"), ("intermediate.dense", "mlp.fc1"),
      ("output.dense", "mlp.fc2"), ("output.LayerNorm", "norm2"),
    ].reduce(name) { $0.replacing($1.0, with: $1.1) }
  }
}
