public import Diagnostics
import Glibc

/// A folder of files to read: on disk, or an archive (`.zip`, `.whl`, `.tar`, `.tar.gz`,
/// `.tar.zst`, `.tar.xz`, `.tar.bz2`, recognised by content, not by name) presented as a folder.
public struct Folder: Sendable {
  private enum Source: Sendable {
    case disk
    case archive(Archive, prefix: String)
  }

  /// The path with which it was opened, followed by the names of the subfolders.
  public let path: String
  private let source: Source

  /// Opens a folder, an archive, a folder in an archive (`beir.zip/scifact`), or what a name stands
  /// for (`NamedFolder`).
  ///
  /// - Throws: `missingInput` if it does not exist or cannot be read, `badData` if it is a file but
  ///   not an archive, a corrupt one, or one with names that lead out of it; the errors of finding
  ///   what a name stands for.
  public init(opening path: String) throws(Failure) {
    if let (archive, inner) = splitAtArchive(path) {
      let folder = try Folder(opening: archive).subfolder(inner)
      if folder.names().isEmpty { throw failureReading(path, code: ENOENT) }
      self = folder
      return
    }
    if let found = try NamedFolder.named(path) {
      self = try Folder(opening: found.path)
      return
    }
    self.path = path
    guard let kind = fileKind(at: path) else { throw failureReading(path, code: errno) }
    if kind == .folder {
      if unsafe access(path, R_OK | X_OK) != 0 { throw failureReading(path, code: errno) }
      source = .disk
    } else {
      source = .archive(try Archive(opening: path), prefix: "")
    }
  }

  private init(path: String, source: Source) {
    self.path = path
    self.source = source
  }

  /// The archive that contains this folder, and the prefix of the folder's names.
  var archive: (Archive, prefix: String)? {
    if case .archive(let archive, let prefix) = source { (archive, prefix) } else { nil }
  }

  /// Whether this is an archive or a part of one.
  public var isInArchive: Bool {
    if case .archive = source { true } else { false }
  }

  /// The path of the file `name`, for messages and for output beside it.
  public func path(of name: String) -> String {
    // As a user names the files of the current folder.
    if path == "." { return name }
    return path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  /// The names of all files below, relative to this folder, sorted by their bytes. Links are
  /// followed, and a folder that cannot be read counts as empty. Extra files of macOS (`._*`,
  /// `__MACOSX/`, `.DS_Store`) are omitted.
  public func names() -> [String] {
    switch source {
    case .disk:
      var found: [String] = []
      walk("", above: [], into: &found)
      return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    case .archive(let archive, let prefix):
      return archive.names.lazy.filter { $0.hasPrefix(prefix) }
        .map { String($0.dropFirst(prefix.count)) }
    }
  }

  /// Whether there is a file `name`.
  public func contains(_ name: String) -> Bool {
    guard let name = innerName(name) else { return false }
    return switch source {
    case .disk: fileKind(at: path(of: name)).map { $0 != .folder } ?? false
    case .archive(let archive, let prefix): archive.contains(prefix + name)
    }
  }

  /// The bytes of the file `name` as stored: a file on disk is mapped, one in an archive is
  /// extracted.
  ///
  /// - Throws: `missingInput` with the nearest name if there is no such file; `io`; `badData` if
  ///   the archive is corrupt there.
  public func read(_ name: String) throws(Failure) -> Bytes {
    guard let inner = innerName(name) else {
      throw Failure(
        .missingInput, "the path leads out of the folder", at: Place(path, key: name),
        expected: "a relative path without '..'")
    }
    switch source {
    case .disk: return try Bytes(mapping: path(of: inner))
    case .archive(let archive, let prefix):
      if let bytes = try archive.read(prefix + inner) { return bytes }
      throw Failure(
        .missingInput, "the archive holds no such file", at: Place(path, key: name),
        remedy: nearest(to: name, in: names()).map { "write '\($0)', which the archive holds" })
    }
  }

  /// The bytes of the file `name`, decompressed if the first bytes are those of gzip, zstd, xz or
  /// bzip2.
  ///
  /// - Throws: the errors of `read`, and `badData` if the compressed stream is corrupt.
  public func readDecompressed(_ name: String) throws(Failure) -> Bytes {
    try read(name).decompressed(from: path(of: name))
  }

  /// The beginning of what `readDecompressed` gives: at least `least` bytes, or all.
  ///
  /// - Throws: the errors of `readDecompressed`, but for damage behind the beginning.
  public func readBeginning(_ name: String, _ least: Int) throws(Failure) -> Bytes {
    try read(name).decompressed(first: least, from: path(of: name))
  }

  /// The folder `name` within this one; it may be empty.
  public func subfolder(_ name: String) -> Folder {
    let inner = innerName(name) ?? ""
    if inner.isEmpty { return self }
    return switch source {
    case .disk: Folder(path: path(of: inner), source: .disk)
    case .archive(let archive, let prefix):
      Folder(path: path(of: inner), source: .archive(archive, prefix: prefix + inner + "/"))
    }
  }

  /// The folders, this one or below, that contain a file with one of these names, those nearest the
  /// top first and then by name. Folders below one of them are omitted, as parts of it.
  ///
  /// On disk, folders more than seven levels down are not searched.
  public func outermost(holding names: String...) -> [Folder] {
    func holds(_ folder: Folder) -> Bool { names.contains(where: folder.contains) }
    var found: [Folder] = []
    switch source {
    case .disk:
      var level = [self]
      // Links may lead to a folder by two names, and form cycles.
      var seen: Set<FileIdentity> = []
      // Deeper than any layout.
      for _ in 0..<8 {
        level = level.filter { folder in
          fileStatus(folder.path).map { seen.insert(FileIdentity($0)).inserted } ?? false
        }
        found += level.filter(holds)
        level = level.filter { !holds($0) }.flatMap { folder in
          childNames(of: folder.path).filter { !isLeftByMacOS($0) }.map { folder.subfolder($0) }
            .filter { fileKind(at: $0.path) == .folder }
        }
      }
    case .archive:
      let distinct = Set(
        self.names().compactMap { full in
          names.first { full == $0 || full.hasSuffix("/" + $0) }.map { full.dropLast($0.count) }
        })
      let prefixes = distinct.sorted { a, b in
        let depths = (a.split(separator: "/").count, b.split(separator: "/").count)
        return depths.0 != depths.1 ? depths.0 < depths.1 : a < b
      }
      let outer = prefixes.filter { prefix in
        !prefix.indices.contains {
          let above = prefix[..<$0]
          return (above.isEmpty || above.last == "/") && distinct.contains(above)
        }
      }
      found = outer.map { subfolder(String($0)) }
    }
    return found
  }

  /// The only one of `folders`; nil if the list is empty.
  ///
  /// - Parameter what: the kind of folder, such as "collection".
  /// - Throws: `badData` if there are several, with their names and how to choose one.
  public func only(_ folders: [Folder], _ what: String) throws(Failure) -> Folder? {
    guard folders.count > 1, let first = folders.first else { return folders.first }
    let shown = folders.prefix(8).map { "'\($0.path)'" }.joined(separator: ", ")
    throw Failure(
      .badData,
      "the \(isInArchive ? "archive" : "folder") holds \(folders.count) \(what)s: \(shown)"
        + (folders.count > 8 ? " …" : ""),
      at: Place(path), expected: "one \(what)",
      remedy: "name one \(what), such as \(first.path)")
  }

  private func walk(_ prefix: String, above: [FileIdentity], into found: inout [String]) {
    let folder = prefix.isEmpty ? path : path(of: prefix)
    guard let status = fileStatus(folder) else { return }
    let identity = FileIdentity(status)
    // A link to a folder above would not terminate.
    if above.contains(identity) { return }
    for child in childNames(of: folder) where !isLeftByMacOS(child) {
      let name = prefix.isEmpty ? child : "\(prefix)/\(child)"
      switch fileKind(at: path(of: name)) {
      case .folder: walk(name, above: above + [identity], into: &found)
      case .file, .other: found.append(name)
      case nil: break
      }
    }
  }
}

/// The archive and the name inside it that make up a path such as `beir.zip/qrels/test.tsv`; nil if
/// no component but the last is a file.
func splitAtArchive(_ path: String) -> (archive: String, inner: String)? {
  var archive = path
  while let slash = archive.lastIndex(of: "/"), slash != archive.startIndex {
    archive = String(archive[..<slash])
    let inner = path.dropFirst(archive.count + 1)
    if let kind = fileKind(at: archive) {
      return kind == .file && !inner.isEmpty ? (archive, String(inner)) : nil
    }
  }
  return nil
}

private struct FileIdentity: Hashable {
  var device: dev_t
  var inode: ino_t

  init(_ status: stat) { (device, inode) = (status.st_dev, status.st_ino) }
}
