import JSON

extension RoBERTa {
  /// The computation of a RoBERTa, with the names of `RobertaForSequenceClassification`, which the
  /// classes of XLM-RoBERTa and CamemBERT share.
  public var blueprint: Blueprint {
    let width = encoder.hiddenSize
    return encoder.blueprint(
      prefix: "roberta.", firstPosition: firstPosition,
      head: [
        .dropout, .dense(DenseBlueprint("classifier.dense", from: width, to: width)), .tanh,
        .dropout, .dense(DenseBlueprint("classifier.out_proj", from: width, to: 1)),
      ],
      // Files of bare encoders contain a pooler, which no classifier uses.
      unusedParts: ["pooler."], pretrainingHeads: ["lm_head"], family: Self.name)
  }

  /// The configuration keys that describe this model, and the family's names in other programs.
  public var exported: ExportedFamily {
    var family = encoder.exported
    family.members["model_type"] = .text(kind.rawValue)
    family.className = kind.classPrefix + "ForSequenceClassification"
    // llama.cpp has it as a BERT without the first rows of the position table.
    family.llamaName = "bert"
    return family
  }
}
