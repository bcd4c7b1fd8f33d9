import Corpora
import Diagnostics
import Inference
import Retrieval

/// A kind of index, for building it; `IndexReader` opens it.
///
/// A new kind is one file with a value of this type, its group of options in `IndexBuild`, and one
/// entry in `all`.
struct IndexKind: Sendable {
  /// Its name for `--kind` and in index.json.
  let name: String
  /// A short description.
  let summary: String
  /// The given options of this kind, as on a command line.
  let optionsGiven: @Sendable (IndexBuild) -> [String]
  /// Builds an index of a collection, or adds to one, according to the command line.
  let build: @Sendable (IndexBuild, Collection) throws(Failure) -> IndexManifest

  /// All kinds.
  static let all: [IndexKind] = [.bm25, .dense]

  /// The kind of this name.
  ///
  /// - Throws: `usage` with the nearest name if there is none.
  static func named(_ name: String) throws(Failure) -> IndexKind {
    if let kind = all.first(where: { $0.name == name }) { return kind }
    let names = all.map(\.name)
    throw Failure(
      .usage, "there is no kind of index '\(name)'",
      expected: "one of \(names.map { "'\($0)'" }.joined(separator: ", "))",
      remedy: nearest(to: name, in: names).map { "write '\($0)'" })
  }

  /// Opens the index of any kind in a folder, and warns of files without checksums.
  ///
  /// - Throws: errors of `IndexReader`.
  static func openIndex(
    in folder: String, _ opening: IndexOpening = IndexOpening()
  ) throws(Failure) -> any DocumentIndex {
    var opening = opening
    opening.postingsCheck = IndexCheckPostings.check
    return try IndexReader.open(folder, opening) { Terminal.say("warning: \($0)") }
  }
}
