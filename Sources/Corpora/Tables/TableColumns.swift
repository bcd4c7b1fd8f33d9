import Diagnostics

/// The columns of a table of labelled pairs, where they do not have a common name: the name of a
/// column each, or a template of several, such as `{product_title} {brand}`.
public struct TableColumns: Sendable, Hashable {
  /// The words of the query.
  public var query: String?
  /// The query's id; without one, the same words are the same query.
  public var queryID: String?
  /// The text of the document.
  public var document: String?
  /// The document's title.
  public var title: String?
  /// The document's id; without one, the same text is the same document.
  public var id: String?
  /// The relevance of the document for the query, or a number for all pairs.
  public var label: String?
  /// The split to which the pair belongs.
  public var split: String?

  /// The columns with common names.
  public init() {}

  /// Sets a column by the key that recipes have for it; false if there is no such key.
  public mutating func set(_ key: String, to name: String) -> Bool {
    switch ColumnRole(rawValue: key) {
    case .query: query = name
    case .queryID: queryID = name
    case .document: document = name
    case .title: title = name
    case .id: id = name
    case .label: label = name
    case .split: split = name
    case nil: return false
    }
    return true
  }
}

/// What a column of a table holds.
enum ColumnRole: String, CaseIterable {
  case query
  case queryID = "query_id"
  case document
  case title
  case id
  case label
  case split

  /// The names by which the column is recognised, the surest first.
  var commonNames: [String] {
    switch self {
    case .query:
      ["query", "search_term", "query_text", "search_query", "question", "keyword", "keywords"]
    case .queryID: ["query_id", "qid", "queryid"]
    case .document:
      [
        "document", "passage", "text", "doc", "document_text", "passage_text", "doc_text",
        "contents", "content", "body", "product_description", "description", "answer",
      ]
    case .title: ["title", "product_title", "doc_title", "document_title", "product_name"]
    case .id:
      [
        "doc_id", "docid", "document_id", "product_id", "product_uid", "passage_id", "corpus_id",
        "docno", "pid", "item_id", "asin", "sku",
      ]
    case .label:
      [
        "relevance", "label", "score", "esci_label", "grade", "median_relevance", "rel",
        "relevance_score", "relevance_label", "judgment", "judgement", "is_relevant", "rating",
      ]
    case .split: ["split"]
    }
  }

  /// The column that a user named for the role.
  func named(in columns: TableColumns) -> String? {
    switch self {
    case .query: columns.query
    case .queryID: columns.queryID
    case .document: columns.document
    case .title: columns.title
    case .id: columns.id
    case .label: columns.label
    case .split: columns.split
    }
  }
}

/// The columns of a table by what they hold.
struct TableRoles: Sendable {
  private var templates: [ColumnRole: ColumnTemplate] = [:]
  /// The label of all rows, if the user gave a number in place of a column.
  private(set) var constantLabel: Double?
  /// Whether the document is a title without a text.
  private(set) var isTitleAlone = false

  subscript(role: ColumnRole) -> ColumnTemplate? {
    get { templates[role] }
    set { templates[role] = newValue }
  }

  /// The columns that a user named, and those with common names for the other roles.
  ///
  /// - Parameter arePresent: whether to pass over what the user named and the table lacks, which
  ///   another table of the collection may have.
  /// - Throws: `usage` if a template is malformed.
  init(
    _ columns: [String], _ named: TableColumns, arePresent: Bool = false
  ) throws(Failure) {
    let plain = columns.map(Self.plain)
    for role in ColumnRole.allCases {
      if let written = role.named(in: named) {
        if role == .label, !columns.contains(written), let number = Double(written),
          number.isFinite
        {
          constantLabel = number
        } else {
          let template =
            columns.contains(written)
            ? ColumnTemplate(column: written) : try ColumnTemplate(written)
          if !arePresent || template.names.allSatisfy(columns.contains) {
            templates[role] = template
          }
        }
        if templates[role] != nil || !arePresent { continue }
      }
      // A document made of columns by the user includes the title if it is to have one.
      if role == .title, named.document != nil, !arePresent { continue }
      let found = role.commonNames.lazy.compactMap { plain.firstIndex(of: $0) }.first
      templates[role] = found.map { ColumnTemplate(column: columns[$0]) }
    }
    // The plain name is that of a row where a table has queries as well.
    if templates[.id] == nil, templates[.query] == nil, templates[.queryID] == nil {
      let found = ["id", "_id"].lazy.compactMap { plain.firstIndex(of: $0) }.first
      templates[.id] = found.map { ColumnTemplate(column: columns[$0]) }
    }
    if templates[.document] == nil, let title = templates[.title], named.title == nil {
      (templates[.document], templates[.title]) = (title, nil)
      isTitleAlone = true
    }
  }

  /// A heading in the spelling of the common names.
  private static func plain(_ heading: String) -> String {
    String(heading.lowercased().map { $0 == " " || $0 == "-" || $0 == "." ? "_" : $0 })
  }

  private func has(_ role: ColumnRole) -> Bool { templates[role] != nil }

  /// Whether rows are a query with a document.
  var arePairs: Bool {
    (has(.query) || has(.queryID)) && (has(.document) || has(.id)) && !areQueries
  }

  /// Whether rows are judged pairs.
  var areJudged: Bool { arePairs && (has(.label) || constantLabel != nil) }

  /// Whether rows are documents with an id, without queries.
  var areDocuments: Bool {
    has(.id) && has(.document) && !has(.query) && !has(.queryID)
  }

  /// Whether rows are queries with an id, without documents. Their text may be called `text`.
  var areQueries: Bool {
    has(.queryID) && !has(.id) && !has(.label) && constantLabel == nil
      && has(.query) != has(.document)
  }
}
