public import Diagnostics
public import Files

/// A way to lay out a collection in a folder. To add a layout, write a file that makes a
/// `CollectionLayout`, and add an entry to `layouts`.
public struct CollectionLayout: Sendable {
  /// The established name.
  public let name: String
  /// The files by which it is recognised, for messages.
  public let files: String
  /// The file by which a collection is found below the top of an archive; plain or with `.gz`.
  public let landmark: String
  /// Whether a folder has this layout, judged by the names of its files.
  public let recognises: @Sendable (Folder) -> Bool
  /// The names of the files of a collection in a folder: its documents and queries, and the
  /// judgments of a split if one is given.
  public let contents: @Sendable (Folder, String?) -> [String]
  /// Opens a recognised folder, with the encoding of its files if it is known.
  public let open: @Sendable (Folder, TextEncoding?) throws(Failure) -> Collection

  /// All layouts, in the order in which they are tried.
  public static let layouts: [CollectionLayout] = [.beir]
}
