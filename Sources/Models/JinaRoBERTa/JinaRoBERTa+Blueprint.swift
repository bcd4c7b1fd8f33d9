import JSON

extension JinaRoBERTa {
  /// The computation, with the names of `XLMRobertaForSequenceClassification` in transformers.
  public var blueprint: Blueprint {
    var blueprint = plain.blueprint
    blueprint.names.family = Self.name
    blueprint.names.renamedModules = [
      ("emb_ln", "embeddings.LayerNorm"), ("encoder.layers", "encoder.layer"),
      ("mixer.out_proj", "attention.output.dense"), ("norm1", "attention.output.LayerNorm"),
      ("mlp.fc1", "intermediate.dense"), ("mlp.fc2", "output.dense"),
      ("norm2", "output.LayerNorm"),
    ]
    blueprint.names.joinedModules = [
      (
        "mixer.Wqkv", ["query", "key", "value"].map { "attention.self." + $0 }
      )
    ]
    return blueprint
  }

  /// A plain XLM-RoBERTa, without the keys of Jina's implementation.
  public var exported: ExportedFamily {
    var family = plain.exported
    family.foreignKeys = Self.ownKeys
    return family
  }
}
