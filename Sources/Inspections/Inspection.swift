package import Corpora
package import Diagnostics
import Export
import Files
package import JSON
import ModelFiles
import Persistence
import Retrieval
import Tables

/// The kind of a file or folder, and facts about it in the order in which they are printed.
package struct Inspection {
  /// One fact.
  package struct Fact: Equatable {
    /// The name, with `_` between words.
    package let name: String
    /// The value.
    package let value: JSONValue
  }

  /// The callbacks of an inspection while it reads.
  package struct Observer {
    /// Called with a warning.
    package var warn: (String) -> Void
    /// Called with the number of documents checked so far, and their total.
    package var progress: (_ done: Int, _ total: Int) -> Void

    /// An observer with these callbacks.
    package init(
      warn: @escaping (String) -> Void,
      progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) {
      (self.warn, self.progress) = (warn, progress)
    }
  }

  /// The kind, such as `model`.
  package let kind: String
  /// The facts found.
  package private(set) var facts: [Fact] = []

  init(kind: String) { self.kind = kind }

  /// Inspects the file or folder at a path.
  ///
  /// - Parameter form: how a collection is read, where it does not tell by itself.
  /// - Throws: `missingInput` if nothing, or nothing of a known kind, is at the path; `badData` if
  ///   it is of a known kind and malformed.
  package init(
    of path: String, as form: CollectionForm = CollectionForm(), observer: Observer
  ) throws(Failure) {
    if CheckpointReader.recognises(path) {
      self = try .checkpoint(path)
      return
    }
    if let found = try Inspection.file(path, form, observer) {
      self = found
      return
    }
    let folder: Folder
    do throws(Failure) {
      folder = try Folder(opening: path)
    } catch {
      if let table = try Inspection.table(path, form, observer) {
        self = table
        return
      }
      // Who knows a name that is nearly this one has said it.
      throw error.kind == .missingInput && error.remedy == nil
        ? HubName.missing(path) ?? error : error
    }
    if BundleManifest.recognises(folder) {
      self = try .bundle(folder)
    } else if fileKind(at: path + "/" + IndexManifest.fileName) == .file {
      self = .index(try IndexManifest(readingFrom: path), in: path)
    } else if folder.contains("metrics.json") || folder.contains("log.jsonl") {
      self = try .runDirectory(folder)
    } else if ModelSource.holdsAdapter(folder)
      || !folder.outermost(holding: "config.json").isEmpty
    {
      self = try .model(path)
    } else if let collection = try Inspection.collection(path, form, observer) {
      self = collection
    } else {
      throw Failure(
        .missingInput, "ltr does not recognise the contents", at: Place(path),
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
  package var json: JSONValue {
    var members = Dictionary(
      facts.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
    members["kind"] = .text(kind)
    return .object(members)
  }

  /// One line for the kind, and one per fact.
  package func text() throws(Failure) -> String {
    var rows = [(name: "kind", value: kind)]
    for fact in facts {
      try rows.append(contentsOf: Self.rows(fact.name.replacing("_", with: " "), fact.value))
    }
    return labelledLines(rows)
  }

  private static func rows(
    _ name: String, _ value: JSONValue
  ) throws(Failure) -> [(name: String, value: String)] {
    switch value {
    case .object(let members):
      var rows: [(name: String, value: String)] = []
      for (key, value) in members.sorted(by: { $0.key < $1.key }) {
        try rows.append(contentsOf: Self.rows("\(name), \(key)", value))
      }
      return rows
    case .text(let text): return [(plainText(name), plainText(text))]
    default: return [(plainText(name), plainText(try value.json()))]
    }
  }
}
