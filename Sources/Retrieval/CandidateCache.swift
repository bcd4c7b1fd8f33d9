package import Corpora
package import Diagnostics
import Files
package import JSON

/// A place where a run is kept between runs of the program: a run file and, beside it, what it was
/// made from.
///
/// The key is a checksum of all that the result depends on. A file whose record is missing, has a
/// different key or a different checksum is not used.
package struct KeptRun: Sendable {
  /// The name of the folder of kept runs, within that of an index or of a training run.
  package static let folderName = "candidates"

  /// The run file.
  package let run: String
  /// What it was made from, JSON.
  package let record: String
  private let folder: String
  private let key: String

  /// The place of a run with a key.
  ///
  /// - Parameters:
  ///   - parent: the folder of an index or of a training run.
  ///   - name: the beginning of the file's name, such as that of a split.
  ///   - key: a hexadecimal checksum.
  package init(in parent: String, name: String, key: String) {
    self.key = key
    folder = parent + "/" + Self.folderName
    let name = name.replacing("/", with: "_") + "-" + key.prefix(12)
    (run, record) = ("\(folder)/\(name).run", "\(folder)/\(name).json")
  }

  /// Whether an intact run is there.
  package var isFilled: Bool {
    guard fileKind(at: run) == .file, fileKind(at: record) == .file,
      let bytes = try? readFile(record), let json = try? JSONValue(bytes.array, name: record),
      json["key"] == .text(key), let data = try? Bytes(mapping: run)
    else { return false }
    return json["sha256"] == .text(sha256(data))
  }

  /// Fills the place: `write` writes the run, and its record follows when it is complete.
  ///
  /// - Parameter write: writes the run to the path it is given, and returns what it was made from, for
  ///   the record.
  /// - Throws: errors of `write`; `cannotCreate` or `io`.
  package func fill(
    _ write: (String) throws(Failure) -> [String: JSONValue]
  ) throws(Failure) {
    try createFolder(folder)
    var members = try write(run)
    members["key"] = .text(key)
    members["sha256"] = .text(sha256(try Bytes(mapping: run)))
    try writeAtomically(try JSONValue.object(members).json(isPretty: true) + "\n", to: record)
  }
}

/// The place where what a first stage found for a split is kept. Its key is that of the first stage with
/// its indexes or runs, the documents, the queries and the depth.
package struct CandidateCache: Sendable {
  /// Changes when the same inputs may give different results.
  private static let version = "1"

  private let kept: KeptRun

  /// The run file.
  package var run: String { kept.run }

  /// The place for a search.
  ///
  /// - Parameters:
  ///   - parent: the folder of an index or of a training run.
  ///   - split: the name of the split.
  ///   - identity: the first stage's identity; see `StageOptions.identity`.
  ///   - corpus: the checksum of the documents.
  ///   - queries: the queries to search.
  ///   - depth: the maximum number of documents of a query.
  ///   - withoutIdenticalIDs: whether hits with their query's own id are left out.
  package init(
    in parent: String, split: String, identity: String, corpus: String, queries: [Query],
    depth: Int, withoutIdenticalIDs: Bool
  ) {
    var digest = Digest()
    for text in [Self.version, identity, corpus, "\(depth)", "\(withoutIdenticalIDs)"] {
      digest.add(text)
    }
    for query in queries {
      digest.add(query.id)
      digest.add(query.text)
    }
    kept = KeptRun(in: parent, name: split, key: digest.hexadecimal)
  }

  /// Whether an intact run is there.
  package var isFilled: Bool { kept.isFilled }

  /// Fills the place: `write` writes the run, and its record follows when it is complete.
  ///
  /// - Parameter facts: what the run was made from, for the record.
  /// - Throws: errors of `write`; `cannotCreate` or `io`.
  package func fill(
    _ facts: [String: JSONValue], _ write: (String) throws(Failure) -> SearchedRun
  ) throws(Failure) -> SearchedRun {
    var found: SearchedRun?
    try kept.fill { path throws(Failure) in
      let counts = try write(path)
      found = counts
      return facts.merging([
        "queries": .whole(counts.queries), "documents": .whole(counts.documents),
      ]) { $1 }
    }
    guard let found else { preconditionFailure("a place is filled by writing it") }
    return found
  }
}

/// The checksum of a collection's documents, as indexes have it.
///
/// - Parameter progress: receives the number of documents read.
/// - Throws: errors of reading them.
package func corpusChecksum(
  of collection: Collection, progress: (Int) -> Void = { _ in }
) throws(Failure) -> String {
  var checksum = CorpusChecksum()
  var count = 0
  try collection.forEachDocument { document throws(Failure) in
    checksum.add(document)
    count += 1
    progress(count)
  }
  return checksum.text
}
