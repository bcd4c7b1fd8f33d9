public import Diagnostics

/// RoBERTa (Liu et al., 2019) and the models that took over its network, XLM-RoBERTa (Conneau et al.,
/// 2020) and CamemBERT (Martin et al., 2020), with a classifier of one label.
///
/// The encoder is BERT's. What differs: positions begin behind the padding token's, the head has a
/// dense layer of its own in place of the pooler, and tensors have other names.
///
/// The position of a token is its place in the sequence, so that no padding token may stand among the
/// others; transformers would count from one token to the next without it.
public struct RoBERTa: Architecture, Equatable {
  /// The values of `model_type`.
  public static let modelTypes = Kind.allCases.map(\.rawValue)
  /// The family in messages.
  public static let name = "RoBERTa"
  /// Models that users know.
  public static let examples = "XLM-RoBERTa, CamemBERT, BGE-M3, multilingual E5 and the like"
  /// The beginning of `RobertaModel`, `RobertaForSequenceClassification` and others.
  public static let classPrefix = Kind.roberta.classPrefix

  /// Models that differ in vocabulary and training alone, by the values of `model_type`.
  public enum Kind: String, Sendable, CaseIterable {
    /// English, byte by byte.
    case roberta
    /// A hundred languages.
    case xlmRoberta = "xlm-roberta"
    /// French.
    case camembert

    /// What the names of the classes in transformers begin with.
    var classPrefix: String {
      switch self {
      case .roberta: "Roberta"
      case .xlmRoberta: "XLMRoberta"
      case .camembert: "Camembert"
      }
    }
  }

  /// Which of the models it is.
  public var kind: Kind
  /// The sizes and settings, which have the keys of BERT's. `maximumPositions` is the rows of the
  /// table, among them those that no token has.
  public var encoder: BERT

  /// Creates a configuration without validating it.
  package init(_ kind: Kind, encoder: BERT) {
    (self.kind, self.encoder) = (kind, encoder)
  }

  /// The row of the first token in the table of positions: the padding token's is the one before it.
  public var firstPosition: Int { encoder.paddingID + 1 }

  /// Takes one rate of dropout everywhere.
  public mutating func replaceDropout(by rate: Float) { encoder.replaceDropout(by: rate) }
}

extension RoBERTa {
  /// Reads what a `config.json` says of a model that is known to be a RoBERTa.
  public init(_ keys: ConfigurationKeys) throws(Failure) {
    guard let kind = Kind(rawValue: try keys.string("model_type", default: "")) else {
      throw keys.mistyped(
        "model_type", keys["model_type"], "one of \(Self.modelTypes.joined(separator: ", "))")
    }
    var encoder = try BERT(keys)
    encoder.paddingID = try keys.count("pad_token_id", default: 1, least: 0)
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

  /// - Throws: `badData` with the key where the file asks for another computation than RoBERTa's.
  public static func check(_ keys: ConfigurationKeys) throws(Failure) {
    try BERT.check(keys, of: name)
  }

  /// Keys that no version of RoBERTa has; nil where there are none.
  public static func notice(_ keys: ConfigurationKeys) -> String? {
    BERT.notice(keys, of: name)
  }
}
