import Diagnostics
import Export
import Files
import JSON
import Persistence
import Retrieval

/// What something is: its kind, and facts about it in the order in which they are told.
struct Inspection {
  /// One fact.
  struct Fact {
    let name: String
    let value: JSONValue
  }

  let kind: String
  private(set) var facts: [Fact] = []

  init(kind: String) { self.kind = kind }

  /// Finds out what is at a path, with the encoding of a collection's files where one is given.
  ///
  /// - Throws: `missingInput` where there is nothing, or nothing known; `badData` where it is known
  ///   and malformed.
  init(of path: String, encoding: TextEncoding?) throws(Failure) {
    if CheckpointReader.recognises(path) {
      self = try .checkpoint(path)
      return
    }
    if let found = try Inspection.file(path) {
      self = found
      return
    }
    let folder = try Folder(opening: path)
    if BundleManifest.recognises(folder) {
      self = try .bundle(folder)
    } else if fileKind(at: path + "/" + IndexManifest.fileName) == .file {
      self = .index(try IndexManifest(readingFrom: path), in: path)
    } else if folder.contains("metrics.json") || folder.contains("log.jsonl") {
      self = try .runDirectory(folder, path)
    } else if !folder.outermost(holding: "config.json").isEmpty {
      self = try .model(path)
    } else if let collection = try Inspection.collection(path, encoding) {
      self = collection
    } else {
      throw Failure(
        .missingInput, "there is nothing here that ltr knows", at: Place(path),
        expected: "a model (config.json), a collection (corpus.jsonl, queries.jsonl), an index"
          + " (index.json), the directory of a run (metrics.json), a checkpoint, a run file or a qrels"
          + " file")
    }
  }

  /// Adds a fact.
  mutating func add(_ name: String, _ value: JSONValue) {
    facts.append(Fact(name: name, value: value))
  }

  /// All facts as one object.
  var json: JSONValue {
    var members = Dictionary(
      facts.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    members["kind"] = .text(kind)
    return .object(members)
  }

  /// A line for what it is, and one for each fact.
  func text() throws(Failure) -> String {
    var rows = [["kind", kind]]
    for fact in facts {
      try rows.append(contentsOf: Self.rows(fact.name.replacing("_", with: " "), fact.value))
    }
    let width = rows.map(\.[0].count).max() ?? 0
    return rows.map {
      $0[0] + String(repeating: " ", count: width - $0[0].count + 2) + $0[1] + "\n"
    }.joined()
  }

  private static func rows(_ name: String, _ value: JSONValue) throws(Failure) -> [[String]] {
    switch value {
    case .object(let members):
      var rows: [[String]] = []
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        try rows.append(contentsOf: Self.rows("\(name), \(key)", value))
      }
      return rows
    case .text(let text): return [[Terminal.plain(name), Terminal.plain(text)]]
    default: return [[Terminal.plain(name), Terminal.plain(try value.json())]]
    }
  }
}
