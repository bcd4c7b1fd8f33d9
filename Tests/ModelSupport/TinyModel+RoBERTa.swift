extension TinyModel {
  /// The same weights as a model of the family RoBERTa: its names, one token type, positions that begin
  /// behind the padding token's, and its head. Two positions fewer can be used, of which no sequence
  /// has the rows.
  public func roberta(_ modelType: String = "xlm-roberta") -> TinyModel {
    var model = self
    model.configuration?["model_type"] = "\"\(modelType)\""
    model.configuration?["type_vocab_size"] = "1"
    model.configuration?["pad_token_id"] = "1"
    model.configuration?["layer_norm_eps"] = "1e-05"
    model.tensors = [:]
    for (name, tensor) in tensors {
      var tensor = tensor
      var name = name
      for (old, new) in [
        ("bert.pooler.dense", "classifier.dense"), ("bert.", "roberta."),
        ("classifier.weight", "classifier.out_proj.weight"),
        ("classifier.bias", "classifier.out_proj.bias"),
      ] where name.hasPrefix(old) {
        name = new + name.dropFirst(old.count)
        break
      }
      if name.hasSuffix("token_type_embeddings.weight") {
        let width = tensor.shape[1]
        tensor = Tensor(shape: [1, width], values: Array(tensor.values[..<width]))
      }
      model.tensors[name] = tensor
    }
    return model
  }
}
