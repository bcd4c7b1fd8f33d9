package import Diagnostics
package import Retrieval

/// A kind of index, with the function that opens it. To add a kind, write a file that makes an
/// `IndexReader`, and add an entry to `all`.
package struct IndexReader: Sendable {
  /// The name of the kind in `index.json`.
  let kind: String
  /// Opens the index in a folder whose manifest names this kind.
  let open: @Sendable (String, IndexOpening) throws(Failure) -> any DocumentIndex

  static let all: [IndexReader] = [.bm25, .dense]

  /// Opens the index in a folder, of any kind, including one that FAISS wrote without a manifest.
  ///
  /// - Parameter warn: called with a warning about files without checksums.
  /// - Throws: the errors of reading the manifest; `badData` for an unknown kind; the errors of
  ///   opening an index of its kind.
  package static func open(
    _ folder: String, _ opening: IndexOpening, warn: (String) -> Void
  ) throws(Failure) -> any DocumentIndex {
    if let foreign = try openForeignIndex(in: folder, opening) { return foreign }
    let manifest = try IndexManifest(readingFrom: folder)
    if let warning = manifest.checksumWarning(in: folder) { warn(warning) }
    return try open(folder, manifest, opening)
  }

  /// Opens the index in a folder with a manifest.
  ///
  /// - Throws: `badData` for an unknown kind; the errors of opening an index of its kind.
  package static func open(
    _ folder: String, _ manifest: IndexManifest, _ opening: IndexOpening
  ) throws(Failure) -> any DocumentIndex {
    guard let reader = all.first(where: { $0.kind == manifest.kind }) else {
      throw Failure(
        .badData, "the index is of an unknown kind: '\(manifest.kind)'",
        at: Place(folder + "/" + IndexManifest.fileName),
        expected: "one of \(all.map { "'\($0.kind)'" }.joined(separator: ", "))",
        remedy: "use the program that wrote it, or rebuild the index")
    }
    return try reader.open(folder, opening)
  }
}
