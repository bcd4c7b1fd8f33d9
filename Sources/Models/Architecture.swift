public import Diagnostics
package import JSON

/// A family of models: translates the keys of a `config.json` into a blueprint.
///
/// A family is one folder here and one line in `Architectures.all`; no other code names it.
/// Everything specific to its files (tensor names, keys, limits of consumers) is in that folder.
public protocol Architecture: Sendable {
  /// The values of `model_type` for the family.
  static var modelTypes: [String] { get }
  /// The family's name in messages.
  static var name: String { get }
  /// Well-known models of the family, for messages.
  static var examples: String { get }
  /// The prefix of the family's class names in transformers.
  static var classPrefix: String { get }

  /// Whether a `config.json` without `model_type` describes the family.
  static func isNamed(in keys: ConfigurationKeys) -> Bool

  /// Reads the sizes and settings of a `config.json`.
  ///
  /// - Throws: `badData` naming the key for anything missing, mistyped or out of range.
  init(_ keys: ConfigurationKeys) throws(Failure)

  /// Checks that the family's computation is the one that the file describes.
  ///
  /// - Throws: `badData` with the key that requires a different computation.
  static func check(_ keys: ConfigurationKeys) throws(Failure)

  /// A notice about keys of the file that have no effect; nil without such keys.
  static func notice(_ keys: ConfigurationKeys) -> String?

  /// Replaces all dropout rates of the configuration by one.
  mutating func replaceDropout(by rate: Float)

  /// The keys of a `config.json` that say how many layers there are and of which kinds.
  static var layerKeys: [String] { get }

  /// Keeps some layers of the encoder, in ascending order, each with its own kind of attention.
  mutating func keep(layers: [Int])

  /// Sets what the family's own classifier can choose, such as its pooling and activation, to the
  /// choice of a head of modules: where the classifier then computes the same, exports can use it.
  mutating func adopt(_ head: ModularHead)

  /// The computation of a model of the family.
  var blueprint: Blueprint { get }

  /// The family's description in exports.
  var exported: ExportedFamily { get }
}

extension Architecture {
  /// False: most families have a `model_type`.
  public static func isNamed(in keys: ConfigurationKeys) -> Bool { false }

  /// The key of most families, whose layers all are of one kind.
  public static var layerKeys: [String] { ["num_hidden_layers"] }

  /// Nothing: most families have a single form of classifier.
  public mutating func adopt(_ head: ModularHead) {}
}

/// The description of a family in exports: the keys and names by which other programs read it.
public struct ExportedFamily: Sendable {
  /// Sizes and settings as members of a `config.json`, including `model_type`.
  package var members: [String: JSONValue]
  /// The name of the classifier class in transformers.
  public var className: String
  /// The name of the architecture in llama.cpp; nil if it has none.
  public var llamaName: String?
  /// The servers that support the class.
  public var servers: Set<ModelServer>
  /// Keys of the base's file that mean nothing to the class.
  package var foreignKeys: Set<String> = []
  /// Why the class does not give the model's scores, in a sentence; nil if it does.
  package var limit: String?
  /// What programs have to be told to load the class.
  public var loading: Loading

  /// What programs have to be told to load a class.
  public struct Loading: Sendable, Equatable {
    /// Whether transformers runs code that the configuration names, and which its version 5 does
    /// not run.
    public var trustsCode = false
    /// Arguments for vLLM, with a leading space.
    public var vLLMOptions = ""

    /// By default nothing.
    public init(trustsCode: Bool = false, vLLMOptions: String = "") {
      (self.trustsCode, self.vLLMOptions) = (trustsCode, vLLMOptions)
    }
  }

  package init(
    members: [String: JSONValue], className: String, llamaName: String?,
    servers: Set<ModelServer> = Set(ModelServer.allCases), loading: Loading = Loading()
  ) {
    (self.members, self.className, self.llamaName) = (members, className, llamaName)
    (self.servers, self.loading) = (servers, loading)
  }
}

extension ExportedFamily {
  /// The name of the class of bare encoders in transformers.
  package var encoderClassName: String {
    className.replacing("ForSequenceClassification", with: "Model")
  }
}

/// Servers of rerankers that load a Hugging Face directory; each supports families of its own.
public enum ModelServer: Sendable, CaseIterable {
  /// Hugging Face's text-embeddings-inference.
  case textEmbeddingsInference
  /// vLLM.
  case vLLM
}

/// The supported families.
public enum Architectures {
  /// All families, one per line.
  public static let all: [any Architecture.Type] = [
    BERT.self,
    RoBERTa.self,
    JinaRoBERTa.self,
    ModernBERT.self,
    ELECTRA.self,
    DistilBERT.self,
    MPNet.self,
    DeBERTa.self,
    GTE.self,
    T5.self,
    Qwen3.self,
    Qwen2.self,
    Llama.self,
    LlamaBidirectional.self,
    Gemma.self,
    Gemma2.self,
    Gemma3.self,
  ]

  /// The supported values of `model_type`.
  public static var modelTypes: [String] { all.flatMap { $0.modelTypes } }

  /// The family that a `config.json` names.
  ///
  /// - Throws: `badData` if it names no family, or an unsupported one.
  public static func named(by keys: ConfigurationKeys) throws(Failure) -> any Architecture.Type {
    let type = try keys.string("model_type", default: "")
    if let found = all.first(where: { $0.modelTypes.contains(type) }) { return found }
    if type.isEmpty, let found = all.first(where: { $0.isNamed(in: keys) }) { return found }
    let known =
      modelTypes.count == 1 ? modelTypes[0] : "one of " + modelTypes.joined(separator: ", ")
    let place = Place(keys.name, key: "model_type")
    let families = all.map { "\(withArticle($0.name))-family model (\($0.examples))" }
    let remedy = "use \(families.joined(separator: ", or "))"
    guard type.isEmpty else {
      throw Failure(
        .badData, "model_type is '\(type)'", at: place, expected: known, remedy: remedy)
    }
    // The keys that transformers, or a reader of the file, would go by.
    let told = ["architectures", "auto_map"].compactMap { key in
      let texts = keys[key].texts.map { "'\($0)'" }
      return texts.isEmpty ? nil : "\(key) names \(texts.joined(separator: ", "))"
    }
    let classes = keys["architectures"].texts
    let fitting = all.filter { family in
      keys["auto_map"].isEmpty && !family.modelTypes.isEmpty
        && classes.allSatisfy { $0.hasPrefix(family.classPrefix) }
    }
    // `Gemma2Model` begins with the prefix of two families.
    let likely =
      classes.isEmpty
      ? fitting.first : fitting.max { $0.classPrefix.count < $1.classPrefix.count }
    throw Failure(
      .badData,
      "the key 'model_type' is missing" + (told.isEmpty ? "" : "; \(told.joined(separator: ", "))"),
      at: place, expected: known,
      remedy: likely.map {
        "if the weights are \(withArticle($0.name))'s, add \"model_type\": \"\($0.modelTypes[0])\" to config.json"
      } ?? remedy)
  }

  /// The name of a family with its article: `a BERT`, `an ELECTRA`, `an MPNet`.
  static func withArticle(_ family: String) -> String {
    // A name that begins with two capitals is spelled out, so that the letter's name decides.
    let isSpelled = family.prefix(2).allSatisfy(\.isUppercase)
    let vowels = isSpelled ? "AEFHILMNORSX" : "AEIOU"
    return (family.first.map(vowels.contains) == true ? "an " : "a ") + family
  }

  /// The family of a checkpoint: the one that its `config.json` names, or else BERT, the only
  /// family of the early versions that wrote checkpoints regardless of the base's `model_type`.
  public static func ofCheckpoint(_ keys: ConfigurationKeys) -> any Architecture.Type {
    (try? named(by: keys)) ?? BERT.self
  }
}
