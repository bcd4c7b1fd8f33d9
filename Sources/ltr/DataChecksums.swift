import Corpora
import Diagnostics
import Files
import JSON
import ModelFiles
import Models
import Recipes

/// SHA-256 of the files that a recipe names, by the key that names them: the data, the runs of a
/// warm-up, and the model that training begins with. Each file is read once.
struct DataChecksums {
  /// A file that is not what it was.
  struct Change: Equatable {
    /// The key of the recipe.
    var role: String
    /// The file's path.
    var file: String
    /// Its SHA-256 before and now; nil where it is not there.
    var before: String?
    var now: String?

    /// The file with both checksums, as a message has it.
    var text: String {
      "\(file) (\(role)): SHA-256 was \(before ?? "none, it was not there"), is "
        + "\(now ?? "none, it is not there")"
    }
  }

  private(set) var json: [String: JSONValue] = [:]
  private var known: [String: JSONValue] = [:]

  /// Reads all of them; what is not there any more is said to be missing.
  init(_ recipe: TrainingRecipe) {
    add("model", base: recipe.model.base)
    switch recipe.data.train.source {
    case .judged(let source): add("train", source)
    case .lists(let lists):
      add("train.lists", file: lists.file)
      if let collection = lists.collection { add("train.collection", collection, split: nil) }
      if case .file(let path)? = lists.weights?.propensities {
        add("train.propensities", file: path)
      }
    }
    if let teacher = recipe.data.train.teacher { add("train.teacher", file: teacher) }
    if let dev = recipe.data.dev { add("dev", dev) }
    if let test = recipe.data.test { add("test", test) }
    guard let warmUp = recipe.warmUp else { return }
    if warmUp.teacher != WarmUpSection.biEncoder {
      add("warm_up.teacher", file: warmUp.teacher)
    }
    if ![WarmUpSection.words, WarmUpSection.biEncoder].contains(warmUp.neighboursFrom) {
      add("warm_up.neighbours", file: warmUp.neighboursFrom)
    }
  }

  /// The checksums of a collection's corpus and queries, by their paths.
  static func texts(ofCollection path: String) -> [String: String] {
    var checksums = DataChecksums()
    checksums.add("collection", path, split: nil)
    return sums(checksums.json["collection"])
  }

  private init() {}

  /// The files that differ from those of an earlier time, among the keys that were known then.
  func changes(since earlier: [String: JSONValue]) -> [Change] {
    var changes: [Change] = []
    for role in earlier.keys.sorted() {
      let (before, now) = (Self.sums(earlier[role]), Self.sums(json[role]))
      for file in Set(before.keys).union(now.keys).sorted() where before[file] != now[file] {
        changes.append(.init(role: role, file: file, before: before[file], now: now[file]))
      }
    }
    return changes
  }

  /// The checksums of an entry by the paths of its files.
  private static func sums(_ entry: JSONValue?) -> [String: String] {
    guard case .text(let path)? = entry?["path"] else { return [:] }
    if case .text(let sum)? = entry?["sha256"] { return [path: sum] }
    var sums: [String: String] = [:]
    for (name, value) in entry?["files"]?.members ?? [:] {
      if case .text(let sum) = value { sums["\(path)/\(name)"] = sum }
    }
    return sums
  }

  private mutating func add(_ role: String, _ source: DataSource) {
    add("\(role).collection", source.collection, split: source.split)
    if let candidates = source.candidates { add("\(role).candidates", file: candidates) }
  }

  /// A file by itself.
  private mutating func add(_ role: String, file path: String) {
    let sum = sum(path) { () throws(Failure) in try readFile(path) }
    json[role] = sum.map { ["path": .text(path), "sha256": $0] } ?? missing(path)
  }

  /// Those files of a collection that are read.
  private mutating func add(_ role: String, _ path: String, split: String?) {
    guard let folder = try? Collection.folder(of: path) else {
      json[role] = missing(path)
      return
    }
    let stems = ["corpus.jsonl", "queries.jsonl"] + (split.map { ["qrels/\($0).tsv"] } ?? [])
    add(role, path, stems.flatMap { [$0, $0 + ".gz"] }.filter(folder.contains), of: folder)
  }

  /// What of a model is read: configuration, tokenizer and weights; an archive as one file.
  private mutating func add(_ role: String, base path: String) {
    guard let opened = try? Folder(opening: path) else { return add(role, plain: path) }
    if opened.isInArchive {
      var archive = path
      while fileKind(at: archive) == nil, let slash = archive.lastIndex(of: "/") {
        archive = String(archive[..<slash])
      }
      return add(role, plain: archive)
    }
    let inner = opened.subfolder("model")
    let folder = !opened.contains("config.json") && inner.contains("config.json") ? inner : opened
    let names = folder.names().filter { name in
      let last = name.split(separator: "/").last.map(String.init) ?? name
      return ["config.json", ".safetensors", ".index.json"].contains(where: name.hasSuffix)
        || last == "modules.json" || ModelSidecar.tokenizerNames.contains(last)
    }
    add(role, folder.path, names, of: folder)
  }

  /// A file as it lies on the disk.
  private mutating func add(_ role: String, plain path: String) {
    let sum = sum(path) { () throws(Failure) in try Bytes(mapping: path) }
    json[role] = sum.map { ["path": .text(path), "sha256": $0] } ?? missing(path)
  }

  private mutating func add(
    _ role: String, _ path: String, _ names: [String], of folder: Folder
  ) {
    var files: [String: JSONValue] = [:]
    for name in names {
      files[name] =
        sum(folder.path(of: name)) { () throws(Failure) in try folder.read(name) } ?? "unreadable"
    }
    json[role] = ["path": .text(path), "files": .object(files)]
  }

  /// A file's checksum, which is computed once whatever it is named by; nil where it cannot be read.
  private mutating func sum(
    _ path: String, _ read: () throws(Failure) -> Bytes
  ) -> JSONValue? {
    if let sum = known[path] { return sum }
    guard let bytes = try? read() else { return nil }
    let sum = JSONValue.text(sha256(bytes))
    known[path] = sum
    return sum
  }

  private func missing(_ path: String) -> JSONValue { ["path": .text(path), "missing": true] }
}
