import JSON

extension RoBERTa {
  /// What a RoBERTa computes, with the names of `RobertaForSequenceClassification`, which are those
  /// of XLM-RoBERTa's and CamemBERT's classes too.
  public var blueprint: Blueprint {
    let width = encoder.hiddenSize
    return encoder.blueprint(
      prefix: "roberta.", firstPosition: firstPosition,
      head: [
        .dropout, .dense(DenseBlueprint("classifier.dense", from: width, to: width)), .tanh,
        .dropout, .dense(DenseBlueprint("classifier.out_proj", from: width, to: 1)),
      ],
      // Bare encoders are saved with a pooler, which no classifier reads.
      unusedParts: ["pooler."], pretrainingHeads: ["lm_head"], family: Self.name)
  }

  /// The keys that state this model, and what other programs call the family.
  public var exported: ExportedFamily {
    var family = encoder.exported
    family.members["model_type"] = .text(kind.rawValue)
    family.className = kind.classPrefix + "ForSequenceClassification"
    // llama.cpp computes it as a BERT whose table of positions lacks the first rows, and with
    // tokenizers that are not written here.
    family.llamaName = nil
    return family
  }
}
