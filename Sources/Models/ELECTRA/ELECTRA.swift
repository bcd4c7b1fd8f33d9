public import Diagnostics
import JSON
import Tensors

/// ELECTRA's discriminator (Clark et al., 2020) with a classifier of one label.
///
/// The encoder is BERT's, with two differences: the embedding tables may be narrower than the layers,
/// followed by a projection, and the head has a dense layer with GELU instead of the pooler.
public struct ELECTRA: Architecture, Equatable {
  /// The value of `model_type`.
  public static let modelTypes = ["electra"]
  /// The family's name in messages.
  public static let name = "ELECTRA"
  /// Well-known models of the family.
  public static let examples = "ms-marco-electra, German and Korean ELECTRA and the like"
  /// The prefix of `ElectraModel`, `ElectraForSequenceClassification` and others.
  public static let classPrefix = "Electra"

  /// The sizes and settings under BERT's keys.
  public var encoder: BERT
  /// The width of the embedding tables.
  public var embeddingSize: Int

  /// Creates a configuration without validating it.
  package init(encoder: BERT, embeddingSize: Int) {
    (self.encoder, self.embeddingSize) = (encoder, embeddingSize)
  }

  /// Reads the `config.json` of a model that is known to be an ELECTRA.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    self.init(
      encoder: try BERT(keys),
      embeddingSize: try keys.count("embedding_size", default: 128, most: RowKernels.widestRow))
  }

  /// - Throws: `badData` with the key that requires a computation other than ELECTRA's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try BERT.check(keys, of: name)
  }

  /// A notice about keys that no version of ELECTRA has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    BERT.notice(keys, of: name, reading: ["embedding_size"])
  }

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) { encoder.replaceDropout(by: rate) }

  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers: [Int]) { encoder.keep(layers: layers) }

  /// The computation of an ELECTRA, with the names of `ElectraForSequenceClassification`. The head
  /// has GELU regardless of the layers' activation.
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

  /// The configuration keys that describe this model, and the family's names in other programs.
  /// Neither llama.cpp nor the servers support the family.
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
