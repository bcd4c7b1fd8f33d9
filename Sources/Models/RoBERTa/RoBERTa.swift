public import Diagnostics

/// RoBERTa (Liu et al., 2019), XLM-RoBERTa (Conneau et al., 2020) and CamemBERT (Martin et al., 2020),
/// which share one network, with a classifier of one label.
///
/// The encoder is BERT's, with three differences: positions begin after the padding token's, the head
/// has a dense layer instead of the pooler, and tensors have other names.
///
/// The position of a token is its index in the sequence. Sequences must not contain padding tokens:
/// transformers does not count them as positions.
public struct RoBERTa: Architecture, Equatable {
  /// The values of `model_type`.
  public static let modelTypes = Kind.allCases.map(\.rawValue)
  /// The family's name in messages.
  public static let name = "RoBERTa"
  /// Well-known models of the family.
  public static let examples = "XLM-RoBERTa, CamemBERT, BGE-M3, multilingual E5 and the like"
  /// The prefix of `RobertaModel`, `RobertaForSequenceClassification` and others.
  public static let classPrefix = Kind.roberta.classPrefix

  /// The models, which differ only in vocabulary and training, with the values of `model_type`.
  public enum Kind: String, Sendable, CaseIterable {
    /// English, with byte-level BPE.
    case roberta
    /// 100 languages, with SentencePiece.
    case xlmRoberta = "xlm-roberta"
    /// French, with SentencePiece.
    case camembert

    /// The prefix of class names in transformers.
    var classPrefix: String {
      switch self {
      case .roberta: "Roberta"
      case .xlmRoberta: "XLMRoberta"
      case .camembert: "Camembert"
      }
    }
  }

  /// The model.
  public var kind: Kind
  /// The sizes and settings under BERT's keys. `maximumPositions` counts all rows of the table,
  /// including the unused first ones.
  public var encoder: BERT

  /// Creates a configuration without validating it.
  package init(_ kind: Kind, encoder: BERT) {
    (self.kind, self.encoder) = (kind, encoder)
  }

  /// The row of the first token in the position table, after the padding token's row.
  public var firstPosition: Int { encoder.paddingID + 1 }

  /// Replaces all dropout rates by one.
  public mutating func replaceDropout(by rate: Float) { encoder.replaceDropout(by: rate) }

  /// Keeps some layers, which all are of one kind.
  public mutating func keep(layers: [Int]) { encoder.keep(layers: layers) }
}

extension RoBERTa {
  /// Reads the `config.json` of a model that is known to be a RoBERTa.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    guard let kind = Kind(rawValue: try keys.string("model_type", default: "")) else {
      throw keys.mistyped(
        "model_type", keys["model_type"], "one of \(Self.modelTypes.joined(separator: ", "))")
    }
    try self.init(kind, keys)
  }

  /// The same for a known kind, whatever the file calls it.
  init(_ kind: Kind, _ keys: ConfigurationKeys) throws(Failure) {
    var encoder = try BERT(keys)
    encoder.paddingID = try keys.paddingID(default: 1, of: encoder.vocabularySize)
    self.init(kind, encoder: encoder)
    guard encoder.maximumPositions > firstPosition else {
      throw Failure(
        .badData,
        "the model has \(encoder.maximumPositions) positions, but a sequence begins at position"
          + " \(firstPosition), after the padding token's",
        at: Place(keys.name, key: "max_position_embeddings"),
        expected: "more than pad_token_id + 1")
    }
  }

  /// - Throws: `badData` with the key that requires a computation other than RoBERTa's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try BERT.check(keys, of: name)
  }

  /// A notice about keys that no version of RoBERTa has; nil without such keys.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    BERT.notice(keys, of: name)
  }
}
