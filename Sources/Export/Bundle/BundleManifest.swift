package import Diagnostics
package import Files
package import JSON

/// `manifest.json`: the files of a bundle with their checksums, and facts about the model.
package struct BundleManifest: Sendable {
  /// One file of a bundle.
  package struct Entry: Sendable, Equatable {
    /// The name, with `/` between folders.
    package let name: String
    /// Its size in bytes.
    package let bytes: Int
    /// The SHA-256 of its contents.
    package let sha256: String
  }

  /// The name of the file.
  package static let fileName = "manifest.json"
  /// The value of `kind` in every manifest.
  private static let kind = "ltr bundle"

  /// All files except the manifest, sorted by name.
  package let entries: [Entry]
  /// All other members, by key.
  package let facts: [String: JSONValue]

  /// A manifest of these files and facts about the model.
  package init(entries: [Entry], facts: [String: JSONValue]) {
    self.entries = entries
    self.facts = facts
  }

  /// Whether a folder or an archive is a bundle.
  package static func recognises(_ folder: Folder) -> Bool {
    guard folder.contains(fileName),
      let bytes = try? text(of: folder),
      let value = try? JSONValue(bytes, name: fileName)
    else { return false }
    return value["kind"] == .text(kind)
  }

  /// The bytes of the manifest, at most 64 MiB.
  private static func text(of folder: Folder) throws(Failure) -> [UInt8] {
    let bytes = try folder.read(fileName)
    guard bytes.count <= 1 << 26 else {
      throw Failure(
        .badData, "the manifest has \(bytes.count) bytes", at: Place(folder.path(of: fileName)),
        expected: "at most \(1 << 26)")
    }
    return bytes.array
  }

  /// Reads the manifest of a bundle.
  ///
  /// - Throws: `badData` if it differs from the manifests that this program writes.
  package init(of folder: Folder) throws(Failure) {
    let name = folder.path(of: Self.fileName)
    func wrong(_ key: String, _ expected: String) -> Failure {
      Failure(
        .badData, "the manifest of the bundle is invalid", at: Place(name, key: key),
        expected: expected)
    }
    let value = try JSONValue(try Self.text(of: folder), name: name)
    guard var facts = value.members, facts["kind"] == .text(Self.kind) else {
      throw wrong("kind", "'\(Self.kind)'")
    }
    guard facts["format"] == .whole(1) else {
      throw Failure(
        .badData, "the format of the bundle is not supported", at: Place(name, key: "format"),
        expected: "1",
        remedy: "use the version of ltr that wrote the bundle, or write the bundle again")
    }
    guard case .list(let list)? = facts["files"] else {
      throw wrong("files", "a list of files")
    }
    var entries: [Entry] = []
    for item in list {
      guard case .text(let name)? = item["name"], case .whole(let bytes)? = item["bytes"],
        case .text(let sha256)? = item["sha256"]
      else { throw wrong("files", "files with 'name', 'bytes' and 'sha256'") }
      entries.append(Entry(name: name, bytes: bytes, sha256: sha256))
    }
    for key in ["kind", "format", "files"] { facts[key] = nil }
    self.init(entries: entries, facts: facts)
  }

  /// The text of the file.
  package func json() throws(Failure) -> String {
    var members = facts
    members["kind"] = .text(Self.kind)
    members["format"] = 1
    members["files"] = .list(
      entries.map {
        ["name": .text($0.name), "bytes": .whole($0.bytes), "sha256": .text($0.sha256)]
      })
    return try JSONValue.object(members).json(isPretty: true) + "\n"
  }

  /// Compares the files of a bundle with the manifest in one pass; reads no more bytes of a file
  /// than the manifest states.
  ///
  /// - Throws: `badData` with the names of files that are missing, changed, duplicates, links, or not
  ///   in the manifest.
  package func verify(_ folder: Folder) throws(Failure) {
    let known = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var seen: Set<String> = []
    var changed: [String] = []
    var extra: [String] = []
    var again: [String] = []
    var links: [String] = []
    try folder.forEachMember(most: { known[$0]?.bytes ?? 0 }) { (member) throws(Failure) in
      if member.isLink {
        links.append(member.name)
      } else if !seen.insert(member.name).inserted {
        again.append(member.name)
      } else if let entry = known[member.name] {
        guard let bytes = member.bytes, bytes.count == entry.bytes,
          Files.sha256(bytes) == entry.sha256
        else {
          changed.append(member.name)
          return
        }
      } else if member.name != Self.fileName {
        extra.append(member.name)
      }
    }
    let missing = entries.map(\.name).filter { !seen.contains($0) }
    let problems = [
      ("missing", missing), ("changed", changed), ("not in the manifest", extra),
      ("duplicates", again), ("links", links),
    ].filter { !$0.1.isEmpty }
    guard problems.isEmpty else {
      throw Failure(
        .badData,
        "the bundle differs from its manifest: "
          + problems.map { "\($0.0): \(Self.some($0.1))" }.joined(separator: "; "),
        at: Place(folder.path), expected: "the files of \(Self.fileName), with its checksums",
        remedy: "download or export it again")
    }
  }

  /// The first ten names, and the number of the remaining ones.
  private static func some(_ names: [String]) -> String {
    let more = names.count - 10
    let shown = names.prefix(10).joined(separator: ", ")
    return more > 0 ? "\(shown) and \(more) more" : shown
  }
}

/// Packs everything below a folder into a `.tar.gz` that begins with a manifest. The same files and
/// facts give the same bytes.
///
/// - Parameters:
///   - folder: the folder to pack.
///   - path: the path of the bundle.
///   - facts: the members of the manifest besides the files.
/// - Throws: `cannotCreate` or `io` if the bundle cannot be written, `missingInput` if a file
///   cannot be read.
package func writeBundle(
  of folder: String, to path: String, facts: [String: JSONValue]
) throws(Failure) {
  let source = try Folder(opening: folder)
  var entries: [BundleManifest.Entry] = []
  var files: [(name: String, contents: Bytes)] = []
  for name in source.names() where name != BundleManifest.fileName {
    let bytes = try source.read(name)
    entries.append(.init(name: name, bytes: bytes.count, sha256: sha256(bytes)))
    files.append((name, bytes))
  }
  let manifest = try BundleManifest(entries: entries, facts: facts).json()
  // First, so that a reader finds it without unpacking a long archive.
  files.insert((BundleManifest.fileName, Bytes(Array(manifest.utf8))), at: 0)
  try writeTarGzip(to: path, files: files)
}
