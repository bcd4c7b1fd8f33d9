import Diagnostics
import Export
import Files
import Recipes

/// SHA-256 of the files that a recipe's data are in, by the key that names them.
struct DataChecksums {
  /// The name of the file in the folder of a run.
  static let fileName = "data.json"

  private(set) var json: [String: JSONValue] = [:]

  /// Reads all of them; what is not there any more is said to be missing.
  init(_ recipe: TrainingRecipe) {
    switch recipe.data.train.source {
    case .judged(let source): add("train", source)
    case .lists(let lists):
      add("train.lists", file: lists.file)
      if let collection = lists.collection { add("train.collection", collection, split: nil) }
    }
    if let teacher = recipe.data.train.teacher { add("train.teacher", file: teacher) }
    if let dev = recipe.data.dev { add("dev", dev) }
    if let test = recipe.data.test { add("test", test) }
  }

  private mutating func add(_ role: String, _ source: DataSource) {
    add("\(role).collection", source.collection, split: source.split)
    if let candidates = source.candidates { add("\(role).candidates", file: candidates) }
  }

  /// A file by itself.
  private mutating func add(_ role: String, file path: String) {
    guard let bytes = try? readFile(path) else { return miss(role, path) }
    json[role] = ["path": .text(path), "sha256": .text(sha256(bytes))]
  }

  /// Those files of a collection that are read.
  private mutating func add(_ role: String, _ path: String, split: String?) {
    guard let opened = try? Folder(opening: path) else { return miss(role, path) }
    let folder = opened.locate(file: "corpus.jsonl") ?? opened.locate(file: "corpus.jsonl.gz")
    guard let folder else { return miss(role, path) }
    var files: [String: JSONValue] = [:]
    let stems = ["corpus.jsonl", "queries.jsonl"] + (split.map { ["qrels/\($0).tsv"] } ?? [])
    for name in stems.flatMap({ [$0, $0 + ".gz"] }) where folder.contains(name) {
      files[name] = (try? folder.read(name)).map { .text(sha256($0)) } ?? "unreadable"
    }
    json[role] = ["path": .text(path), "files": .object(files)]
  }

  private mutating func miss(_ role: String, _ path: String) {
    json[role] = ["path": .text(path), "missing": true]
  }
}
