public import Diagnostics
import JSON
import Tensors

/// ELECTRA's discriminator (Clark et al., 2020) with a classifier of one label.
///
/// The encoder is BERT's. What differs: the tables of the embeddings may be narrower than the layers,
/// which a projection makes up for, and the head has a dense layer with GELU in place of the pooler.
public struct ELECTRA: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["electra"]
  /// The family in messages.
  public static let name = "ELECTRA"
  /// Models that users know.
  public static let examples = "ms-marco-electra, German and Korean ELECTRA and the like"
  /// The beginning of `ElectraModel`, `ElectraForSequenceClassification` and others.
  public static let classPrefix = "Electra"

  /// The sizes and settings that have the keys of BERT's.
  public var encoder: BERT
  /// The width of the tables of the embeddings.
  public var embeddingSize: Int

  /// Sizes and settings; nothing is checked.
  package init(encoder: BERT, embeddingSize: Int) {
    (self.encoder, self.embeddingSize) = (encoder, embeddingSize)
  }

  /// Reads what a `config.json` says of a model that is known to be an ELECTRA.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    self.init(
      encoder: try BERT(keys),
      embeddingSize: try keys.count("embedding_size", default: 128, most: RowKernels.widestRow))
  }

  /// - Throws: `badData` with the key where the file asks for another computation than ELECTRA's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try BERT.check(keys, of: name)
  }

  /// Keys that no version of ELECTRA has; nil where there are none.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    BERT.notice(keys, of: name, reading: ["embedding_size"])
  }

  /// Takes one rate of dropout everywhere.
  public mutating func replaceDropout(by rate: Float) { encoder.replaceDropout(by: rate) }

  /// What an ELECTRA computes, with the names of `ElectraForSequenceClassification`. The head has GELU
  /// whatever the layers have.
  public var blueprint: Blueprint {
    let width = encoder.hiddenSize
    return encoder.blueprint(
      prefix: "electra.", embeddingSize: embeddingSize,
      head: [
        .dropout, .dense(DenseBlueprint("classifier.dense", from: width, to: width)),
        .activation(.gelu), .dropout,
        .dense(DenseBlueprint("classifier.out_proj", from: width, to: 1)),
      ],
      pretrainingHeads: [
        "discriminator_predictions", "generator_predictions", "generator_lm_head",
      ], family: Self.name)
  }

  /// The keys that state this model, and what other programs call the family, for which llama.cpp has
  /// no graph, and the servers no class.
  public var exported: ExportedFamily {
    var family = encoder.exported
    family.members["model_type"] = "electra"
    family.members["embedding_size"] = .whole(embeddingSize)
    family.className = "ElectraForSequenceClassification"
    family.llamaName = nil
    family.servers = []
    return family
  }
}
