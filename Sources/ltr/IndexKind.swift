import Corpora
import Diagnostics
import Options
import Retrieval

/// What opening an index is to lead to; kinds take from it what means something to them.
struct IndexOpening: Sendable {
  /// Whether it will be searched, or looked at only.
  var isSearched = true
  /// The model of a dense index, where it is not the one that the index names.
  var model: String?
  /// What the model's products are computed in.
  var precision = PrecisionOption.auto
  /// How thoroughly a dense index is searched.
  var dense = DenseSearchOptions()

  /// What was asked for that means something to dense indexes alone.
  var denseOnly: [String] {
    [
      model.map { _ in "model" }, precision == .auto ? nil : "precision",
      dense.probes.map { _ in "nprobe" }, dense.graphCandidates.map { _ in "ef-search" },
    ].compactMap(\.self)
  }
}

/// A kind of index: how it is built and how it is opened.
///
/// A new one is one file that makes one of these, its group of options in `IndexBuild`, and one more
/// entry in `all`.
struct IndexKind: Sendable {
  /// What `--kind` and the file index.json call it.
  let name: String
  /// What it is, in a few words.
  let summary: String
  /// Those of its own options that were given on the command line, as they are written there.
  let optionsGiven: @Sendable (IndexBuild) -> [String]
  /// Builds an index of a collection, or adds to one, as the command line says.
  let build: @Sendable (IndexBuild, Collection) throws(Failure) -> IndexManifest
  /// Opens the index in a folder, whose manifest says that it is of this kind.
  let open: @Sendable (String, IndexOpening) throws(Failure) -> any DocumentIndex

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

  /// Opens the index in a folder, of whatever kind it is.
  ///
  /// - Throws: what reading the manifest does; `badData` for a kind that this program does not know;
  ///   what opening it does.
  static func openIndex(
    in folder: String, _ opening: IndexOpening = IndexOpening()
  ) throws(Failure) -> any DocumentIndex {
    if let foreign = try openForeignIndex(in: folder, opening) { return foreign }
    let manifest = try IndexManifest(readingFrom: folder)
    warnOfMissingChecksums(manifest, in: folder)
    return try open(manifest, in: folder, opening)
  }

  /// Opens the index in a folder by its manifest.
  static func open(
    _ manifest: IndexManifest, in folder: String, _ opening: IndexOpening
  ) throws(Failure) -> any DocumentIndex {
    guard let kind = all.first(where: { $0.name == manifest.kind }) else {
      throw Failure(
        .badData, "the index is of a kind that this program does not know: '\(manifest.kind)'",
        at: Place(folder + "/" + IndexManifest.fileName),
        expected: "one of \(all.map { "'\($0.name)'" }.joined(separator: ", "))",
        remedy: "use the program that wrote it, or build the index again")
    }
    return try kind.open(folder, opening)
  }

  /// Says where damage to an index would not be noticed, and what to do about it.
  static func warnOfMissingChecksums(_ manifest: IndexManifest, in folder: String) {
    let files = manifest.filesWithoutChecksums
    guard !files.isEmpty else { return }
    Terminal.say(
      "warning: \(folder): no checksum of \(files.joined(separator: ", ")), so damage may go"
        + " unnoticed; add it: ltr index add-checksums \(folder)")
  }
}
