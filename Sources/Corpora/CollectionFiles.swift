import Diagnostics
public import Files

/// The files in which a collection is looked for: those of a folder, or a single one.
public struct CollectionFiles: Sendable {
  /// The folder.
  public let folder: Folder
  /// The name of the file in the folder, if the collection is to be in this file alone.
  public let only: String?
  /// The names of the files. O(files): a folder on disk is listed at each call.
  public var names: [String] {
    only.map { [$0] } ?? Array(folder.names().prefix(Self.most))
  }

  /// The most files of a folder that are considered.
  private static let most = 100_000

  /// All files of a folder, or one.
  init(_ folder: Folder, only: String? = nil) {
    self.folder = folder
    self.only = only
  }

  /// The path of the folder or of the file, for messages.
  public var path: String { only.map(folder.path(of:)) ?? folder.path }

  /// The text of a file. Bytes that are not UTF-8 are read in their likely encoding if none is
  /// given.
  ///
  /// - Throws: the errors of `Folder.readText`.
  func readText(_ name: String, _ form: CollectionForm) throws(Failure) -> TextFile {
    try TextFile(
      guessing: folder.readDecompressed(name), from: folder.path(of: name),
      encoding: form.encoding)
  }

  /// Reads the judgments in a file.
  func qrels(_ name: String, _ form: CollectionForm) -> Collection.SplitReader {
    { () throws(Failure) in try Judgments(folder.readText(name, encoding: form.encoding)) }
  }

  /// Reads a file of judgments past what is wrong in it.
  func surveyQrels(_ name: String, _ form: CollectionForm, _ collector: inout FailureCollector) {
    collector.collect { (collector) throws(Failure) in
      let file = try folder.readText(name, encoding: form.encoding)
      _ = try Judgments(file) { (failure) throws(Failure) in try collector.add(failure) }
    }
  }

  /// The collection at a path, and its layout.
  ///
  /// - Parameter form: the form in which it is to be read, if that is known.
  /// - Throws: `missingInput` if nothing is there or it has no collection; `badData` if an archive
  ///   has several.
  static func find(
    _ path: String, _ form: CollectionForm?
  ) throws(Failure) -> (files: CollectionFiles, layout: CollectionLayout) {
    if let failure = OtherForm.failure(of: path) { throw failure }
    let top: Folder
    do throws(Failure) {
      top = try Folder(opening: path)
    } catch {
      // A file that is no archive may be a table.
      guard let file = file(path) else { throw error }
      guard let layout = layout(of: file, form) else { throw file.textDamage ?? error }
      return (file, layout)
    }
    let all = CollectionFiles(top)
    let landmarked = CollectionLayout.layouts.filter { $0.landmark != nil }
    if let layout = landmarked.first(where: { $0.recognises(all, form) }) { return (all, layout) }
    let below = landmarked.flatMap { layout in
      layout.landmark.map { landmark in
        top.outermost(holding: landmark, landmark + ".gz").map { CollectionFiles($0) }
          .filter { layout.recognises($0, form) }.map { (files: $0, layout: layout) }
      } ?? []
    }
    // A folder on disk may hold many collections, and the user has to choose one; an archive
    // usually holds one, in a folder named after it.
    if top.isInArchive, let only = try top.only(below.map(\.files.folder), "collection"),
      let found = below.first(where: { $0.files.path == only.path })
    {
      return found
    }
    if below.isEmpty {
      for files in [all, all.innerFolder].compactMap({ $0 }) {
        if let layout = layout(of: files, form) { return (files, layout) }
      }
    }
    let known = CollectionLayout.layouts.map { "\($0.name): \($0.files)" }
    throw Failure(
      .missingInput, "this \(top.isInArchive ? "archive" : "folder") contains no collection",
      at: Place(top.path), expected: known.joined(separator: "; or "),
      remedy: below.first.map {
        (below.count == 1
          ? "name the collection" : "name one of its \(below.count) collections, such as")
          + " '\($0.files.path)'"
      })
  }

  private static func layout(
    of files: CollectionFiles, _ form: CollectionForm?
  ) -> CollectionLayout? {
    CollectionLayout.layouts.first { $0.recognises(files, form) }
  }

  /// The file at a path, on disk or in an archive; nil if there is none.
  private static func file(_ path: String) -> CollectionFiles? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last.map(String.init), !name.isEmpty else { return nil }
    let above = parts.dropLast().joined(separator: "/")
    let folder = above.isEmpty ? (parts.count > 1 ? "/" : ".") : above
    guard let folder = try? Folder(opening: folder), folder.contains(name) else { return nil }
    return CollectionFiles(folder, only: name)
  }

  /// The folder that holds all files of an archive; nil if there is none.
  private var innerFolder: CollectionFiles? {
    guard folder.isInArchive, let first = names.first, let slash = first.firstIndex(of: "/") else {
      return nil
    }
    let prefix = first[...slash]
    guard names.allSatisfy({ $0.hasPrefix(prefix) }) else { return nil }
    return CollectionFiles(folder.subfolder(String(prefix.dropLast())))
  }
}
