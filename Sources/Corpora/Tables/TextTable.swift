import Diagnostics
import Files

/// A table of texts with ids: the documents or the queries of a collection.
struct TextTable: Sendable {
  let table: TableFile
  let index: RecordIndex
  private let selection: ColumnSelection
  private let title: BoundTemplate?
  private let body: BoundTemplate?

  /// Reads the ids of a table of queries or documents.
  ///
  /// - Throws: `badData` if a column is missing, or with file and line if an id is empty or
  ///   duplicate.
  init(_ table: TableFile, isQuery: Bool, _ named: TableColumns = TableColumns()) throws(Failure) {
    let roles = try TableRoles(table.columns, named)
    guard let id = isQuery ? roles[.queryID] ?? roles[.id] : roles[.id] else {
      throw table.unrecognised(isQuery ? .queryID : .id, "the id")
    }
    guard let text = isQuery ? roles[.query] ?? roles[.title] ?? roles[.document] : roles[.document]
    else {
      throw table.unrecognised(isQuery ? .query : .document, "the text")
    }
    self.table = table
    var selection = ColumnSelection()
    let bound = try BoundTemplate(id, in: table, &selection)
    body = try BoundTemplate(text, in: table, &selection)
    title =
      isQuery
      ? nil
      : try roles[.title].map { title throws(Failure) in
        try BoundTemplate(title, in: table, &selection)
      }
    self.selection = selection
    index = try Self.index(table, bound, selection)
  }

  /// The title and the text of a record.
  func parts(
    _ record: RecordIndex.Record, _ place: () -> Place
  ) throws(Failure) -> (title: String, text: String) {
    let values = try table.values(selection.positions, in: record.bytes, at: place)
    return (title?.text(values) ?? "", body?.text(values) ?? "")
  }

  /// The text of a record.
  func text(
    _ record: RecordIndex.Record, _ place: () -> Place
  ) throws(Failure) -> String { try parts(record, place).text }

  /// The rows of a table by id.
  ///
  /// - Throws: `badData` with file and line if an id is empty or duplicate.
  static func index(
    _ table: TableFile, _ id: BoundTemplate, _ selection: ColumnSelection
  ) throws(Failure) -> RecordIndex {
    var builder = RecordIndex.Builder()
    builder.begin(table.path, table.bytes)
    builder.note(table.faults)
    try table.forEachRow(selection.positions) { (row) throws(Failure) in
      let text = id.text(row.values)
      let place = Place(table.path, line: row.line)
      if text.isEmpty {
        throw Failure(
          .badData, "the id is empty", at: place, expected: "an id in every row",
          remedy: "add the id, or remove the row")
      }
      if let former = builder.insert(text, at: row.start) {
        throw builder.duplicate(former, at: place, key: nil)
      }
    }
    return builder.finished(table.path)
  }
}

/// The first rows with each id, of tables in which ids occur often.
struct DistinctRecords {
  private var builder = RecordIndex.Builder()
  /// Hashes of the texts, for ids that the table gives.
  private var hashes: [UInt64] = []
  private var noted: Set<String> = []

  /// Begins a table.
  mutating func begin(_ table: TableFile) {
    builder.begin(table.path, table.bytes)
    // Documents and queries come from the same file, whose faults are reported once.
    if noted.insert(table.path).inserted { builder.note(table.faults) }
  }

  /// Inserts a row, unless its id has one.
  ///
  /// - Throws: `badData` with both lines if the id came with another text.
  mutating func insert(
    _ id: String, _ text: String, _ row: TableRow, _ table: TableFile, _ what: String,
    isGiven: Bool
  ) throws(Failure) {
    let former = builder.insert(id, at: row.start)
    // An id made from the text tells nothing about it.
    let mark = isGiven ? hash(Array(text.utf8).span) : 0
    guard let former else {
      hashes.append(mark)
      return
    }
    guard hashes[former] != mark else { return }
    let first = builder.place(of: former)
    throw Failure(
      .badData,
      "the \(what) '\(excerpt(id))' has two texts, the first "
        + (first.file == table.path ? "on line \(first.line ?? 0)" : "in \(first)"),
      at: Place(table.path, line: row.line), expected: "one text for each id",
      remedy: "name a column, or a template of several, that tells them apart, such as "
        + (what == "query"
          ? "columns: { query_id: … }" : "columns: { id: \"{locale}-{product_id}\" }"))
  }

  /// Adds the records of a joined table that have no row of their own.
  mutating func addMissing(_ index: RecordIndex?, _ table: TableFile?) {
    guard let index, let table else { return }
    begin(table)
    for ordinal in 0..<index.count {
      _ = builder.insert(index.identifier(at: ordinal), at: index.start(of: ordinal))
    }
  }

  /// The index of the rows.
  func finished(_ path: String) -> RecordIndex { builder.finished(path) }
}
