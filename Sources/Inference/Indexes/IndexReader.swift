package import Diagnostics
package import Retrieval

/// A kind of index, as it is opened. A new kind is one file that makes one of these, and one more
/// entry in `all`.
package struct IndexReader: Sendable {
  /// What `index.json` calls the kind.
  let kind: String
  /// Opens the index in a folder whose manifest names this kind.
  let open: @Sendable (String, IndexOpening) throws(Failure) -> any DocumentIndex

  static let all: [IndexReader] = [.bm25, .dense]

  /// Opens the index in a folder, of whatever kind, also one that FAISS wrote without a manifest.
  ///
  /// - Parameter warn: takes a warning about files without checksums.
  /// - Throws: what reading the manifest does; `badData` for an unknown kind; what opening an index
  ///   of its kind does.
  package static func open(
    _ folder: String, _ opening: IndexOpening, warn: (String) -> Void
  ) throws(Failure) -> any DocumentIndex {
    if let foreign = try openForeignIndex(in: folder, opening) { return foreign }
    let manifest = try IndexManifest(readingFrom: folder)
    if let warning = manifest.checksumWarning(in: folder) { warn(warning) }
    return try open(folder, manifest, opening)
  }

  /// Opens the index in a folder by its manifest.
  ///
  /// - Throws: `badData` for an unknown kind; what opening an index of its kind does.
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
