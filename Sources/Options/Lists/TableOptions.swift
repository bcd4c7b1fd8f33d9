/// How the tables of a collection, or of lists, are read, where they do not tell by themselves.
public struct TableOptions: Sendable, Equatable {
  /// The columns that have no common names.
  public var columns: ColumnOptions?
  /// The grades of labels that are words; nil for the common ones.
  public var labels: [String: Double]?
  /// A table with the texts of documents, joined by id.
  public var documents: String?

  /// Everything is detected.
  public init() {}
}

/// The columns of a table: the name of one each, or a template such as `{title} {brand}`.
public struct ColumnOptions: Sendable, Equatable {
  /// The words of the query.
  public var query: String?
  /// The query's id.
  public var queryID: String?
  /// The text of the document.
  public var document: String?
  /// The document's title.
  public var title: String?
  /// The document's id.
  public var id: String?
  /// The relevance, or a number for all pairs.
  public var label: String?
  /// The split to which a pair belongs.
  public var split: String?

  /// Columns with common names.
  public init() {}
}
