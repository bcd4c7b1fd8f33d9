public import Diagnostics
public import Files

/// A way to lay out a collection in a folder. A new one is one file that makes one of these, and
/// one more entry in `layouts`.
public struct CollectionLayout: Sendable {
  /// What the field calls it.
  public let name: String
  /// The files it is recognised by, for messages.
  public let files: String
  /// The file whose folder is the collection, among those an archive may hold it under; plain or
  /// with `.gz`.
  public let landmark: String
  /// Whether a folder is laid out like this, by the names of its files.
  public let recognises: @Sendable (Folder) -> Bool
  /// The names of the files in a folder that a collection is made of: its documents and queries,
  /// and the judgments of a split where one is named.
  public let contents: @Sendable (Folder, String?) -> [String]
  /// Opens a folder that is recognised, whose files are in an encoding where one is given.
  public let open: @Sendable (Folder, TextEncoding?) throws(Failure) -> Collection

  /// All layouts, in the order they are tried.
  public static let layouts: [CollectionLayout] = [.beir]
}
