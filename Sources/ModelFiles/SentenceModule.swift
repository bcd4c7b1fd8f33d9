import Diagnostics
import Files
import JSON

/// One entry of `modules.json`, the list of a sentence-transformers model's modules.
struct SentenceModule: Decodable {
  static let listName = "modules.json"
  static let settingsName = "config_sentence_transformers.json"
  static let encoderSettingsName = "sentence_bert_config.json"

  /// The folder of its files, below that of the list.
  let path: String
  /// The class with its package: `sentence_transformers.models.Pooling`.
  let type: String

  /// The class without its package, which differs between versions: `Pooling`.
  var name: String { type.split(separator: ".").last.map(String.init) ?? type }

  /// The configuration of the module.
  var configurationName: String { path.isEmpty ? "config.json" : path + "/config.json" }

  /// All modules, in order.
  ///
  /// - Throws: `badData` if the file is no such list.
  static func list(in top: Folder) throws(Failure) -> [SentenceModule] {
    let json = try top.read(listName).array
    guard let modules = try? JSONReader().decode([SentenceModule].self, from: json) else {
      throw Failure(
        .badData, "the file is not a list of modules", at: Place(top.path(of: listName)),
        expected: "objects with 'path' and 'type', as sentence-transformers writes them")
    }
    return modules
  }
}
