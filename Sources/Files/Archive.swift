import Diagnostics

/// The files of an archive by name. Reading one scans the headers up to it; concurrent reads are
/// safe, since each has its own reader.
final class Archive: Sendable {
  let path: String
  /// A zip as stored, or a tar without its compression, so that it is decompressed only once.
  private let bytes: Bytes
  private let ordinals: [String: Int]
  /// Sorted by their bytes.
  let names: [String]

  /// - Throws: `badData` if `path` is not an archive, is corrupt, or contains names that lead out
  ///   of the archive.
  init(opening path: String) throws(Failure) {
    let file = try Bytes(mapping: path)
    try Archive.recognise(file, path: path)
    let bytes = try file.decompressed(from: path)
    let ordinals = try ArchiveReader.reading(bytes, of: path, as: .files) {
      reader throws(Failure) in try Archive.index(reader, path: path)
    }
    self.path = path
    self.bytes = bytes
    self.ordinals = ordinals
    names = ordinals.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The contents of `name`; nil if there is no such file.
  func read(_ name: String) throws(Failure) -> Bytes? {
    guard let ordinal = ordinals[name] else { return nil }
    return try ArchiveReader.reading(bytes, of: path, as: .files) { reader throws(Failure) in
      for _ in 0...ordinal { _ = try reader.nextEntry() }
      do throws(Failure) {
        return try reader.contents(most: .max)
      } catch {
        var failure = error
        failure.place?.key = name
        throw failure
      }
    }
  }

  func contains(_ name: String) -> Bool { ordinals[name] != nil }

  /// Iterates over files and links once; see `Folder.forEachMember(most:_:)`.
  func forEachMember(
    below prefix: String, most: (String) -> Int, _ body: (FolderMember) throws(Failure) -> Void
  ) throws(Failure) {
    try ArchiveReader.reading(bytes, of: path, as: .files) { reader throws(Failure) in
      while let entry = try reader.nextEntry() {
        guard entry.isFile || entry.linkTarget != nil, let full = innerName(entry.name),
          full.hasPrefix(prefix), !isLeftByMacOS(full)
        else { continue }
        let name = String(full.dropFirst(prefix.count))
        let isLink = entry.linkTarget != nil
        try body(
          FolderMember(
            name: name, isLink: isLink,
            bytes: isLink ? nil : try reader.contents(most: most(name))))
      }
    }
  }

  /// Decides by the first header, so that a large compressed text is not decompressed in vain.
  private static func recognise(_ file: Bytes, path: String) throws(Failure) {
    do throws(Failure) {
      try ArchiveReader.reading(file, of: path, as: .files) { reader throws(Failure) in
        _ = try reader.nextEntry()
      }
    } catch  where error.kind == .badData && !file.startsAsZip {
      throw Failure(
        .badData, "the file is neither a folder nor an archive", at: Place(path),
        expected: "a folder, a .zip or .whl, or a .tar, plain or compressed (gz, zst, xz, bz2)")
    }
  }

  private static func index(
    _ reader: borrowing ArchiveReader, path: String
  ) throws(Failure) -> [String: Int] {
    var ordinals: [String: Int] = [:]
    var links: [(name: String, target: String)] = []
    var ordinal = 0
    while let entry = try reader.nextEntry() {
      guard let name = innerName(entry.name) else {
        throw Failure(
          .badData, "an entry of the archive has a path outside the archive",
          at: Place(path, key: entry.name), expected: "relative paths without '..'",
          remedy: "do not trust this archive; create it again from its folder")
      }
      defer { ordinal += 1 }
      if isLeftByMacOS(name) { continue }
      if entry.isFile { ordinals[name] = ordinal }
      switch entry.linkTarget {
      case .hard(let target):
        if let target = innerName(target) { links.append((name, target)) }
      case .symbolic(let target):
        let folder = name.split(separator: "/").dropLast().joined(separator: "/")
        if let target = resolved(target, from: folder) { links.append((name, target)) }
      case nil: break
      }
    }
    // Links may point to links; dangling links are left out.
    var remaining = links
    while true {
      let open = remaining.filter { ordinals[$0.target] == nil }
      for link in remaining { ordinals[link.name] = ordinals[link.target] }
      if open.count == remaining.count { return ordinals }
      remaining = open
    }
  }
}

extension Bytes {
  fileprivate var startsAsZip: Bool { starts(with: [0x50, 0x4B]) }
}

/// `name` without empty and `.` components; nil if it leads out of its folder or is absolute.
func innerName(_ name: String) -> String? {
  if name.hasPrefix("/") { return nil }
  let parts = name.split(separator: "/").filter { $0 != "." }
  return parts.contains("..") ? nil : parts.joined(separator: "/")
}

/// Whether a name is one of the extra files that macOS puts in folders and archives: attributes
/// (`._corpus.jsonl`, `__MACOSX/`) and window settings (`.DS_Store`).
func isLeftByMacOS(_ name: some StringProtocol) -> Bool {
  name.split(separator: "/").contains {
    $0.hasPrefix("._") || $0 == "__MACOSX" || $0 == ".DS_Store"
  }
}

/// The target of a symbolic link in `folder`; nil if it is outside of the archive.
private func resolved(_ target: String, from folder: String) -> String? {
  if target.hasPrefix("/") { return nil }
  var parts = folder.split(separator: "/").map(String.init)
  for part in target.split(separator: "/") where part != "." {
    if part != ".." {
      parts.append(String(part))
    } else if parts.popLast() == nil {
      return nil
    }
  }
  return parts.joined(separator: "/")
}
