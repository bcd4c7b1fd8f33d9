import Diagnostics
import Files
import JSON
import Models

/// The modules of a reranker of sentence-transformers 5.4 and later, with the configuration of each:
/// an encoder, pooling, and the layers of the head, of which the last one gives the score.
struct RerankerModules: Sendable {
  /// A module after the encoder.
  struct Module: Sendable {
    /// The folder of its files.
    let path: String
    /// The class, without its package.
    let kind: String
    /// Its `config.json`.
    let keys: ConfigurationKeys
  }

  /// The modules after the encoder, in order.
  let modules: [Module]
  /// The file that lists them, for failures.
  let file: String
  /// The list as a checkpoint keeps it, with the configurations.
  private let json: JSONValue

  /// The key of a module's configuration in the list that a checkpoint keeps.
  private static let configurationKey = "config"

  /// Reads the modules of a folder; nil if its files describe no reranker of several modules.
  ///
  /// A reranker is a model that `config_sentence_transformers.json` calls a CrossEncoder, or one with
  /// a dense module whose output is called `scores`. Embedding models may have dense modules too.
  ///
  /// - Throws: `badData` for a list, a configuration or settings that are malformed, or for a text
  ///   that the model puts before its input; `missingInput` for a module without configuration.
  init?(of top: Folder, encoder: Folder) throws(Failure) {
    guard top.contains(SentenceModule.listName) else { return nil }
    let settings = try? Self.keys(of: SentenceModule.settingsName, in: top)
    let isNamed = settings?["model_type"] == .text("CrossEncoder")
    let list: [SentenceModule]
    do throws(Failure) {
      list = try SentenceModule.list(in: top)
    } catch {
      guard isNamed else { return nil }
      throw error
    }
    // A single module is a classifier of transformers in its usual form.
    guard list.count > 1, isNamed || Self.givesScores(list, in: top) else { return nil }
    file = top.path(of: SentenceModule.listName)
    guard list[0].name == "Transformer" else {
      throw Self.misplaced(list[0].name, 0, in: file)
    }
    if top.contains(SentenceModule.settingsName) {
      try Self.checkPrompts(try Self.keys(of: SentenceModule.settingsName, in: top))
    }
    if encoder.contains(SentenceModule.encoderSettingsName) {
      try Self.checkEncoder(try Self.keys(of: SentenceModule.encoderSettingsName, in: encoder))
    }
    var modules: [Module] = []
    var members: [JSONValue] = [["path": .text(list[0].path), "type": .text(list[0].type)]]
    for module in list.dropFirst() {
      guard top.contains(module.configurationName) else {
        throw Failure(
          .missingInput, "the configuration of the module '\(module.path)' is missing",
          at: Place(top.path(of: module.configurationName)),
          expected: "the files of all modules that \(SentenceModule.listName) lists",
          remedy: "download the model again, with its folders")
      }
      let name = top.path(of: module.configurationName)
      let bytes = try top.read(module.configurationName).array
      modules.append(
        Module(
          path: module.path, kind: module.name, keys: try ConfigurationKeys(bytes, name: name)))
      members.append([
        "path": .text(module.path), "type": .text(module.type),
        Self.configurationKey: try JSONValue(bytes, name: name),
      ])
    }
    self.modules = modules
    json = .list(members)
  }

  /// Reads the list that a checkpoint, or the files of a loaded model, keep.
  ///
  /// - Throws: `badData` if it is malformed.
  init(kept bytes: [UInt8], name: String) throws(Failure) {
    file = name
    json = try JSONValue(bytes, name: name)
    guard case .list(let members) = json else {
      throw Failure(.badData, "this is not a list of modules", at: Place(name))
    }
    var modules: [Module] = []
    for member in members.dropFirst() {
      guard case .text(let path)? = member["path"], case .text(let type)? = member["type"],
        let configuration = member[Self.configurationKey]
      else {
        throw Failure(
          .badData, "a module has no path, type or config", at: Place(name),
          expected: "modules as this program keeps them")
      }
      let keys = try ConfigurationKeys(Array(try configuration.json().utf8), name: name)
      modules.append(
        Module(
          path: path, kind: SentenceModule(path: path, type: type).name, keys: keys))
    }
    self.modules = modules
  }

  /// The list with the configurations, for the files of a loaded model.
  func kept() throws(Failure) -> [UInt8] { Array((try json.json()).utf8) }

  private static func keys(of name: String, in folder: Folder) throws(Failure) -> ConfigurationKeys
  {
    try ConfigurationKeys(try folder.read(name).array, name: folder.path(of: name))
  }

  /// Whether a dense module's output is called `scores`.
  private static func givesScores(_ list: [SentenceModule], in top: Folder) -> Bool {
    list.contains { module in
      module.name == "Dense"
        && (try? keys(of: module.configurationName, in: top))?["module_output_name"]
          == .text(HeadModule.scores)
    }
  }

  /// - Throws: `badData` if the model puts a text before its input.
  private static func checkPrompts(_ keys: ConfigurationKeys) throws(Failure) {
    let name = try keys.string("default_prompt_name", default: "")
    guard !name.isEmpty else { return }
    let prompt = try keys.section("prompts").string(name, default: "")
    guard prompt.isEmpty else {
      throw keys.refusal(
        "default_prompt_name", "the model puts the prompt '\(prompt)' before its input",
        expected: "null", remedy: "use a model without a prompt, since scores depend on it")
    }
  }

  /// - Throws: `badData` if the first module gives something other than the tokens of the texts.
  private static func checkEncoder(_ keys: ConfigurationKeys) throws(Failure) {
    for (key, usual) in [
      ("transformer_task", "feature-extraction"), ("module_output_name", "token_embeddings"),
    ] where try keys.string(key, default: usual) != usual {
      throw keys.mistyped(key, keys[key], "'\(usual)': modules after the encoder read its tokens")
    }
    guard try !keys.flag("do_lower_case", default: false) else {
      throw keys.refusal(
        "do_lower_case", "texts are lowercased before the tokenizer sees them", expected: "false",
        remedy: "if the tokenizer lowercases texts itself, set the key to false")
    }
  }

  /// The failure of a module that is unknown or not in its place.
  static func misplaced(_ name: String, _ number: Int, in file: String) -> Failure {
    Failure(
      .badData, "module \(number) of the reranker is '\(name)'", at: Place(file),
      expected: "Transformer, Pooling, then Dense and LayerNorm in any order; a Dense last",
      remedy: "use a reranker of these modules, or one saved as a classifier of transformers")
  }
}
