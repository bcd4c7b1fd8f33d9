import Diagnostics
import Files

/// Tables of texts with ids: the documents or the queries of a collection, in one file or in several.
struct TextTable: Sendable {
  /// One of the tables, with what is read of it.
  private struct Part: Sendable {
    let table: TableFile
    let id: BoundTemplate
    let title: BoundTemplate?
    let body: BoundTemplate
    let selection: ColumnSelection

    init(_ table: TableFile, isQuery: Bool, _ named: TableColumns) throws(Failure) {
      let roles = try TableRoles(table.columns, named)
      guard let id = isQuery ? roles[.queryID] ?? roles[.id] : roles[.id] else {
        throw table.unrecognised(isQuery ? .queryID : .id, "the id")
      }
      let text =
        isQuery ? roles[.query] ?? roles[.title] ?? roles[.document] : roles[.document]
      guard let text else {
        throw table.unrecognised(isQuery ? .query : .document, "the text")
      }
      var selection = ColumnSelection()
      self.table = table
      self.id = try BoundTemplate(id, in: table, &selection)
      body = try BoundTemplate(text, in: table, &selection)
      title =
        isQuery
        ? nil
        : try roles[.title].map { title throws(Failure) in
          try BoundTemplate(title, in: table, &selection)
        }
      self.selection = selection
    }

    /// The title and the text of a row.
    func texts(_ values: [String]) -> (title: String, text: String) {
      (title?.text(values) ?? "", body.text(values))
    }

    /// The title and the text of the first row in `record`.
    func texts(
      in record: Bytes, _ place: () -> Place
    ) throws(Failure) -> (title: String, text: String) {
      texts(try table.values(selection.positions, in: record, at: place))
    }
  }

  private let parts: [Part]
  let index: RecordIndex

  /// Reads the ids of tables of queries or documents.
  ///
  /// - Throws: `badData` if a column is missing, or with file and line if an id is empty, twice in a
  ///   table, or in another table with another text.
  init(
    _ tables: [TableFile], isQuery: Bool, _ named: TableColumns = TableColumns()
  ) throws(Failure) {
    var parts: [Part] = []
    var builder = RecordIndex.Builder()
    for table in tables {
      let part = try Part(table, isQuery: isQuery, named)
      let first = builder.count
      let earlier = parts
      try Self.add(table, part.id, part.selection.positions, to: &builder) {
        (former, record, values) in
        guard former < first else { return false }
        let known = try? earlier[record.part].texts(in: record.bytes) { Place(table.path) }
        return known.map { $0 == part.texts(values) } ?? false
      }
      parts.append(part)
    }
    self.parts = parts
    index = builder.finished(tables.first?.path ?? "")
  }

  /// The title and the text of a record.
  func parts(
    _ record: RecordIndex.Record, _ place: () -> Place
  ) throws(Failure) -> (title: String, text: String) {
    try parts[record.part].texts(in: record.bytes, place)
  }

  /// The text of a record.
  func text(
    _ record: RecordIndex.Record, _ place: () -> Place
  ) throws(Failure) -> String { try parts(record, place).text }

  /// Adds the rows of a table. A row whose id is known is passed over if `isKnown` says, of the
  /// ordinal and the record of the id and the values of the row, that they are the same.
  ///
  /// - Parameter positions: the columns that are read.
  static func add(
    _ table: TableFile, _ id: BoundTemplate, _ positions: [Int],
    to builder: inout RecordIndex.Builder,
    unless isKnown: (Int, RecordIndex.Record, [String]) -> Bool
  ) throws(Failure) {
    builder.begin(table.path, table.bytes)
    builder.note(table.faults)
    try table.forEachRow(positions) { (row) throws(Failure) in
      let text = id.text(row.values)
      let place = Place(table.path, line: row.line)
      if text.isEmpty {
        throw Failure(
          .badData, "the id is empty", at: place, expected: "an id in every row",
          remedy: "add the id, or remove the row")
      }
      if let former = builder.insert(text, at: row.start),
        !isKnown(former, builder.record(at: former), row.values)
      {
        throw builder.duplicate(former, at: place, key: nil)
      }
    }
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

  /// Adds the records of joined tables that have no row of their own.
  mutating func addMissing(_ joined: JoinedTables) {
    let index = joined.index
    var ordinal = 0
    for (part, table) in joined.tables.enumerated() {
      begin(table)
      while ordinal < index.count, index.part(of: ordinal) == part {
        _ = builder.insert(index.identifier(at: ordinal), at: index.start(of: ordinal))
        ordinal += 1
      }
    }
  }

  /// The index of the rows.
  func finished(_ path: String) -> RecordIndex { builder.finished(path) }
}
