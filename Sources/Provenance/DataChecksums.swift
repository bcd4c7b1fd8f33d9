import Corpora
import Diagnostics
import Files
package import JSON
import ModelFiles

/// SHA-256 of the files that a run reads, by the recipe's key for them. Each file is read once.
package struct DataChecksums {
  /// A file whose contents have changed.
  package struct Change: Equatable {
    /// The key of the recipe.
    package var role: String
    /// The file's path.
    package var file: String
    /// Its previous SHA-256; nil if the file was missing.
    package var before: String?
    /// Its current SHA-256; nil if the file is missing.
    package var now: String?

    /// The file with both checksums, for a message.
    package var text: String {
      "\(file) (\(role)): SHA-256 was \(before ?? "missing"), is "
        + "\(now ?? "missing")"
    }
  }

  /// The entries of `data.json`, by the recipe's keys.
  package private(set) var json: [String: JSONValue] = [:]
  private var known: [String: JSONValue] = [:]

  /// Reads all inputs of a run. An input that cannot be read is recorded as missing.
  package init(_ inputs: [(role: String, input: RunInput)]) {
    for (role, input) in inputs {
      switch input {
      case .file(let path):
        add(role, path) { () throws(Failure) in try readFile(path) }
      case .collection(let path, let split):
        add(role, collection: path, split.map { .split($0) } ?? .none)
      case .divided(let path, let split):
        add(role, collection: path, split.map { .split($0) } ?? .all)
      case .model(let path): add(role, model: path)
      }
    }
  }

  /// The checksums of a collection's corpus and queries, by path.
  package static func texts(ofCollection path: String) -> [String: String] {
    let role = "collection"
    return sums(DataChecksums([(role, .collection(path, split: nil))]).json[role])
  }

  /// The files that differ from those of an earlier record, among the keys of that record.
  package func changes(since earlier: [String: JSONValue]) -> [Change] {
    var changes: [Change] = []
    for role in earlier.keys.sorted() {
      let (before, now) = (Self.sums(earlier[role]), Self.sums(json[role]))
      for file in Set(before.keys).union(now.keys).sorted() where before[file] != now[file] {
        changes.append(.init(role: role, file: file, before: before[file], now: now[file]))
      }
    }
    return changes
  }

  /// The checksums of an entry, by file path.
  private static func sums(_ entry: JSONValue?) -> [String: String] {
    guard case .text(let path)? = entry?["path"] else { return [:] }
    if case .text(let sum)? = entry?["sha256"] { return [path: sum] }
    var sums: [String: String] = [:]
    for (name, value) in entry?["files"]?.members ?? [:] {
      if case .text(let sum) = value { sums["\(path)/\(name)"] = sum }
    }
    return sums
  }

  private mutating func add(_ role: String, collection path: String, _ judgments: JudgmentFiles) {
    if fileKind(at: path) == .file, (try? Folder(opening: path)) == nil {
      // A table is a collection in one file.
      add(role, path) { () throws(Failure) in try Bytes(mapping: path) }
      return
    }
    guard let files = try? Collection.files(of: path, judgments: judgments) else {
      json[role] = Self.missing(path)
      return
    }
    add(role, path, files.names, of: files.folder)
  }

  private mutating func add(_ role: String, model path: String) {
    switch ModelContents(of: path) {
    case .file(let file): add(role, file) { () throws(Failure) in try Bytes(mapping: file) }
    case .folder(let folder, let names): add(role, folder.path, names, of: folder)
    }
  }

  /// Adds the checksum of a single file.
  private mutating func add(
    _ role: String, _ path: String, _ read: () throws(Failure) -> Bytes
  ) {
    json[role] = sum(path, read).map { ["path": .text(path), "sha256": $0] } ?? Self.missing(path)
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

  /// A file's checksum, which is computed once for all keys that name the file; nil if the file
  /// cannot be read.
  private mutating func sum(
    _ path: String, _ read: () throws(Failure) -> Bytes
  ) -> JSONValue? {
    if let sum = known[path] { return sum }
    guard let bytes = try? read() else { return nil }
    let sum = JSONValue.text(sha256(bytes))
    known[path] = sum
    return sum
  }

  private static func missing(_ path: String) -> JSONValue {
    ["path": .text(path), "missing": true]
  }
}
