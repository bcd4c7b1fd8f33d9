public import Diagnostics

/// A file or link in a folder or an archive.
public struct FolderMember: Sendable {
  /// The name, relative to the folder.
  public let name: String
  /// Whether it is a link to another member. On disk, links are followed.
  public let isLink: Bool
  /// The bytes; nil for a link, and if there are more than requested.
  public let bytes: Bytes?
}

extension Folder {
  /// Visits all members once, in the order of the archive, including those with duplicate names.
  ///
  /// - Parameters:
  ///   - most: the maximum number of bytes of a member. Longer members are not decompressed.
  ///   - body: called with each member.
  /// - Throws: `io`, `badData` if the archive is corrupt, and the errors of `body`.
  public func forEachMember(
    most: (_ name: String) -> Int, _ body: (FolderMember) throws(Failure) -> Void
  ) throws(Failure) {
    guard let (archive, prefix) = archive else {
      for name in names() {
        let bytes = try read(name)
        try body(
          FolderMember(name: name, isLink: false, bytes: bytes.count > most(name) ? nil : bytes))
      }
      return
    }
    try archive.forEachMember(below: prefix, most: most, body)
  }
}
