public import Diagnostics
package import JSON

/// A family of models: what the keys of a `config.json` mean, as a blueprint.
///
/// A family is one folder here and one line in `Architectures.all`; nothing else names it. What is
/// written for its files alone (tensor names, keys, limits of consumers) is in that folder.
public protocol Architecture: Sendable {
  /// The values of `model_type` by which files name the family.
  static var modelTypes: [String] { get }
  /// What the family is called in messages.
  static var name: String { get }
  /// Models of the family that users know, for messages.
  static var examples: String { get }
  /// What the names of the family's classes in transformers begin with.
  static var classPrefix: String { get }

  /// Reads the keys of a `config.json`.
  ///
  /// - Throws: `badData` naming the key for anything missing, mistyped or out of range.
  init(_ keys: ConfigurationKeys) throws(Failure)

  /// - Throws: `badData` with the key where the file asks for another computation than the family's.
  static func check(_ keys: ConfigurationKeys) throws(Failure)

  /// A notice about keys of the file that have no effect; nil where there are none.
  static func notice(_ keys: ConfigurationKeys) -> String?

  /// Takes one rate of dropout everywhere in place of those of the configuration.
  mutating func replaceDropout(by rate: Float)

  /// What a model of the family computes.
  var blueprint: Blueprint { get }

  /// What exports say of the family.
  var exported: ExportedFamily { get }
}

/// What exports say of a family of models: keys and names that other programs read it by.
public struct ExportedFamily: Sendable {
  /// Sizes and settings as members of a `config.json`, `model_type` among them.
  package var members: [String: JSONValue]
  /// The class of transformers for a classifier.
  public var className: String
  /// The name of llama.cpp's architecture; nil where it has none.
  public var llamaName: String?
  /// The servers that compute the class.
  public var servers: Set<ModelServer>

  package init(
    members: [String: JSONValue], className: String, llamaName: String?,
    servers: Set<ModelServer> = Set(ModelServer.allCases)
  ) {
    (self.members, self.className, self.llamaName) = (members, className, llamaName)
    self.servers = servers
  }
}

/// Servers of rerankers that load a Hugging Face directory, each with families of its own.
public enum ModelServer: Sendable, CaseIterable {
  /// Hugging Face's text-embeddings-inference.
  case textEmbeddingsInference
  /// vLLM.
  case vLLM
}

/// The families that are known.
public enum Architectures {
  /// A line each.
  public static let all: [any Architecture.Type] = [
    BERT.self, RoBERTa.self, ModernBERT.self, ELECTRA.self, DistilBERT.self,
  ]

  /// The values of `model_type` that are known.
  public static var modelTypes: [String] { all.flatMap { $0.modelTypes } }

  /// The family that a `config.json` names.
  ///
  /// - Throws: `badData` where it names none, or one that is not known.
  public static func named(by keys: ConfigurationKeys) throws(Failure) -> any Architecture.Type {
    let type = try keys.string("model_type", default: "")
    if let found = all.first(where: { $0.modelTypes.contains(type) }) { return found }
    let known =
      modelTypes.count == 1 ? modelTypes[0] : "one of " + modelTypes.joined(separator: ", ")
    let place = Place(keys.name, key: "model_type")
    let families = all.map { "\(withArticle($0.name))-family encoder (\($0.examples))" }
    let remedy = "use \(families.joined(separator: ", or "))"
    guard type.isEmpty else {
      throw Failure(
        .badData, "model_type is '\(type)'", at: place, expected: known, remedy: remedy)
    }
    // What transformers would go by, or a reader of the file.
    let told = ["architectures", "auto_map"].compactMap { key in
      let texts = keys[key].texts.map { "'\($0)'" }
      return texts.isEmpty ? nil : "\(key) names \(texts.joined(separator: ", "))"
    }
    let likely = all.first { family in
      keys["auto_map"].isEmpty
        && keys["architectures"].texts.allSatisfy { $0.hasPrefix(family.classPrefix) }
    }
    throw Failure(
      .badData,
      "the key 'model_type' is missing" + (told.isEmpty ? "" : "; \(told.joined(separator: ", "))"),
      at: place, expected: known,
      remedy: likely.map {
        "if the weights are \(withArticle($0.name))'s, add \"model_type\": \"\($0.modelTypes[0])\" to config.json"
      } ?? remedy)
  }

  /// The name of a family as one of its models: `a BERT`, `an ELECTRA`.
  static func withArticle(_ family: String) -> String {
    (family.first == "E" ? "an " : "a ") + family
  }

  /// The family of a checkpoint: the one its `config.json` names, or else the only one that programs
  /// knew when they wrote checkpoints without regard to what their base was.
  public static func ofCheckpoint(_ keys: ConfigurationKeys) -> any Architecture.Type {
    (try? named(by: keys)) ?? BERT.self
  }
}
