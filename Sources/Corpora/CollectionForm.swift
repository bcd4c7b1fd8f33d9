public import Files

/// How the files of a collection are to be read, where they do not tell by themselves.
public struct CollectionForm: Sendable, Equatable {
  /// The encoding of the files; nil detects it.
  public var encoding: TextEncoding?
  /// The columns of a table that have no common names.
  public var columns = TableColumns()
  /// The grades of labels that are words; nil for the common ones.
  public var labels: [String: Double]?
  /// A table with the texts of documents, which the collection's table names by id.
  public var documents: String?

  /// Everything is detected.
  public init(encoding: TextEncoding? = nil) { self.encoding = encoding }

  /// A text by which equal forms are recognised.
  public var key: String {
    let named = ColumnRole.allCases.map { $0.named(in: columns) ?? "" }
    let labels = (labels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return ([encoding?.name ?? "", documents ?? ""] + named + labels).joined(separator: "\0")
  }
}
