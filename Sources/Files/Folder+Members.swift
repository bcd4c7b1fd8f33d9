public import Diagnostics

/// Something that a folder or an archive holds.
public struct FolderMember: Sendable {
  /// The name, relative to the folder.
  public let name: String
  /// Whether it stands for another member. On disk, links are followed.
  public let isLink: Bool
  /// The bytes; nil for a link, and where there are more than were asked for.
  public let bytes: Bytes?
}

extension Folder {
  /// Goes through all members once, in the order of the archive: also through those that have the
  /// same name.
  ///
  /// - Parameters:
  ///   - most: how many bytes of a member are wanted at most. More are not decompressed.
  ///   - body: takes each member.
  /// - Throws: `io`, `badData` where the archive is corrupt, and what `body` throws.
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
