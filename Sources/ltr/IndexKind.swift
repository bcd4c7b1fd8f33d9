import Corpora
import Diagnostics
import Inference
import Retrieval

/// A kind of index, as it is built; `IndexReader` opens it.
///
/// A new one is one file that makes one of these, its group of options in `IndexBuild`, and one
/// more entry in `all`.
struct IndexKind: Sendable {
  /// What `--kind` and the file index.json call it.
  let name: String
  /// What it is, in a few words.
  let summary: String
  /// The options of this kind that were given, as a command line has them.
  let optionsGiven: @Sendable (IndexBuild) -> [String]
  /// Builds an index of a collection, or adds to one, as the command line says.
  let build: @Sendable (IndexBuild, Collection) throws(Failure) -> IndexManifest

  /// All kinds.
  static let all: [IndexKind] = [.bm25, .dense]

  /// The kind of this name.
  ///
  /// - Throws: `usage` with the nearest name where there is none.
  static func named(_ name: String) throws(Failure) -> IndexKind {
    if let kind = all.first(where: { $0.name == name }) { return kind }
    let names = all.map(\.name)
    throw Failure(
      .usage, "there is no kind of index '\(name)'",
      expected: "one of \(names.map { "'\($0)'" }.joined(separator: ", "))",
      remedy: nearest(to: name, in: names).map { "write '\($0)'" })
  }

  /// Opens the index in a folder, of whatever kind, and warns of files without checksums.
  ///
  /// - Throws: what `IndexReader` does.
  static func openIndex(
    in folder: String, _ opening: IndexOpening = IndexOpening()
  ) throws(Failure) -> any DocumentIndex {
    var opening = opening
    opening.postingsCheck = IndexCheckPostings.check
    return try IndexReader.open(folder, opening) { Terminal.say("warning: \($0)") }
  }
}
