import Diagnostics
import Files

/// A table of queries with documents, most often judged, whose columns have been found.
struct PairTable: Sendable {
  /// What a row says.
  struct Pair {
    var query: String
    var queryID: String
    var title: String
    var document: String
    var id: String
    /// The label as written; nil without a column.
    var label: String?
    var split: String?
  }

  let table: TableFile
  /// The split to which all rows belong, if the file is named after one.
  let fileSplit: String?
  /// The columns that are read of each row.
  private(set) var selection = ColumnSelection()
  private let query: BoundTemplate?
  private let queryID: BoundTemplate?
  private let title: BoundTemplate?
  private let document: BoundTemplate?
  private let id: BoundTemplate?
  private let label: BoundTemplate?
  private let split: BoundTemplate?
  private let constantLabel: Double?

  /// Whether rows have a label.
  var hasLabels: Bool { label != nil || constantLabel != nil }
  var hasSplits: Bool { split != nil }
  var hasQueryTexts: Bool { query != nil }
  var hasQueryIDs: Bool { queryID != nil }
  var hasIDs: Bool { id != nil }
  /// Whether the texts of documents are, all or in part, in the rows.
  var hasTexts: Bool {
    [title, document].contains { $0.map { !$0.isJoined } ?? false }
  }

  /// Finds the columns of a table, and in `joined` those of documents that the table lacks.
  ///
  /// - Throws: `badData` with the columns that are present if one that is needed is missing.
  init(
    _ table: TableFile, _ named: TableColumns, split: String?,
    joined: inout (table: TableFile, selection: ColumnSelection)?
  ) throws(Failure) {
    self.table = table
    fileSplit = split
    var roles = try TableRoles(table.columns, named)
    if roles[.query] == nil, roles[.queryID] == nil {
      throw table.unrecognised(.query, "the query")
    }
    if let joined {
      let other = try TableRoles(joined.table.columns, named)
      if roles[.id] == nil { throw table.unrecognised(.id, "the id of the joined document") }
      // The texts of the joined table are the documents', unless the user has chosen.
      if named.document == nil, named.title == nil {
        let own = roles.isTitleAlone ? roles[.document] : roles[.title]
        if let text = other[.document] {
          roles[.title] = other.isTitleAlone ? nil : other[.title] ?? own
          roles[.document] = text
        }
      }
    }
    if roles[.document] == nil, roles[.id] == nil {
      throw table.unrecognised(.document, "the document")
    }
    var (selection, beside) = (ColumnSelection(), joined)
    func bound(_ role: ColumnRole) throws(Failure) -> BoundTemplate? {
      guard let template = roles[role] else { return nil }
      var none: (table: TableFile, selection: ColumnSelection)?
      if role == .document || role == .title {
        return try BoundTemplate(template, in: table, &selection, joined: &beside)
      }
      return try BoundTemplate(template, in: table, &selection, joined: &none)
    }
    query = try bound(.query)
    queryID = try bound(.queryID)
    title = try bound(.title)
    document = try bound(.document)
    id = try bound(.id)
    label = try bound(.label)
    self.split = try bound(.split)
    constantLabel = roles.constantLabel
    self.selection = selection
    joined = beside
  }

  /// What a row says.
  ///
  /// - Throws: `badData` with the place if an id is empty, or if the row repeats the headings.
  func pair(_ row: TableRow) throws(Failure) -> Pair {
    let values = row.values
    let query = query?.text(values) ?? ""
    let title = title?.text(values) ?? ""
    let document = document?.text(values) ?? ""
    let positions = selection.positions
    if positions.indices.allSatisfy({ values[$0] == table.columns[positions[$0]] }) {
      throw Failure(
        .badData, "the row repeats the headings", at: Place(table.path, line: row.line),
        expected: "headings on the first line alone", remedy: "remove the line")
    }
    return Pair(
      query: query, queryID: try identifier(queryID, row) ?? contentID(query), title: title,
      document: document, id: try identifier(id, row) ?? contentID(title + "\n" + document),
      label: label.map { $0.text(values) }, split: split.map { trimmed($0.text(values)) })
  }

  private func identifier(
    _ template: BoundTemplate?, _ row: TableRow
  ) throws(Failure) -> String? {
    guard let template else { return nil }
    let id = template.text(row.values)
    if !id.isEmpty { return id }
    throw Failure(
      .badData, "the id is empty", at: place(template, row), expected: "an id in every row",
      remedy: "add the id, or remove the row")
  }

  private func place(_ template: BoundTemplate?, _ row: TableRow) -> Place {
    let index = template?.firstIndex ?? 0
    return table.place(of: index, in: row, column: selection.positions[index])
  }

  /// The place of a row's label.
  func labelPlace(_ row: TableRow) -> Place { place(label, row) }

  /// The place of a row's split.
  func splitPlace(_ row: TableRow) -> Place { place(split, row) }

  /// The grade of a pair; nil if its label is a word without one, 1 in a table without labels.
  func grade(of pair: Pair, _ words: LabelWords) -> Double? {
    if let label = pair.label { return words.grade(label) }
    return constantLabel ?? 1
  }

  /// The title and text of a document whose row is in `record`.
  func document(
    in record: Bytes, joined: [String], at place: () -> Place
  ) throws(Failure) -> (title: String, text: String) {
    let values = try table.values(selection.positions, in: record, at: place)
    return (title?.text(values, joined) ?? "", document?.text(values, joined) ?? "")
  }

  /// The title and text of a document that is only in the joined table.
  func document(joined: [String]) -> (title: String, text: String) {
    let none = selection.positions.map { _ in "" }
    return (title?.text(none, joined) ?? "", document?.text(none, joined) ?? "")
  }

  /// The query whose row is in `record`.
  func query(in record: Bytes, at place: () -> Place) throws(Failure) -> String {
    query?.text(try table.values(selection.positions, in: record, at: place)) ?? ""
  }

  /// Reads the rows past those that are wrong.
  ///
  /// - Throws: the last failure that is wanted, and one past which rows cannot be told apart.
  func survey(
    _ words: LabelWords, _ collector: inout FailureCollector
  ) throws(Failure) {
    var rows = TableFile.Rows(table)
    var row = TableRow()
    var last: Failure?
    var judgments: [String: Judgments] = [:]
    while true {
      do throws(Failure) {
        guard try rows.next(selection.positions, into: &row) else { return }
        let pair = try pair(row)
        guard let grade = grade(of: pair, words) else {
          try collector.add(words.failure([pair.label ?? ""], at: labelPlace(row)))
          continue
        }
        let judgment = Judgment(query: pair.queryID, document: pair.id, grade: grade)
        let split = pair.split ?? ""
        let earlier = judgments[split, default: Judgments(from: "")].add(judgment)
        if hasLabels, let earlier, earlier != grade {
          try collector.add(twice(pair, earlier, grade, row))
        }
      } catch {
        // Where a quote is not closed, the reader stays.
        if error == last { throw error }
        last = error
        try collector.add(error)
      }
    }
  }

  /// The failure for a pair with two grades.
  func twice(_ pair: Pair, _ earlier: Double, _ grade: Double, _ row: TableRow) -> Failure {
    Failure(
      .badData,
      "document '\(pair.id)' is judged twice for the query '\(excerpt(pair.query))', with grade "
        + "\(earlier) and with grade \(grade)",
      at: labelPlace(row), expected: "one grade per query and document",
      remedy: "keep one of the two rows, or name an id that tells the documents apart")
  }

  /// Iterates over the rows.
  func forEachPair(
    _ body: (Pair, TableRow) throws(Failure) -> Void
  ) throws(Failure) {
    try table.forEachRow(selection.positions) { (row) throws(Failure) in
      try body(pair(row), row)
    }
  }
}
