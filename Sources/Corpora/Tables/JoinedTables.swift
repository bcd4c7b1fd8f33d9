import Diagnostics
import Files

/// The texts of documents beside judged pairs, joined by id: a table, or parts of one in several files
/// with the same columns.
struct JoinedTables: Sendable {
  /// A file with the positions of the columns that are read, in the same order for all files.
  private struct Part: Sendable {
    let table: TableFile
    let positions: [Int]
  }

  private let parts: [Part]
  /// The rows of all files by id.
  let index: RecordIndex

  /// Reads the ids.
  ///
  /// - Parameters:
  ///   - selection: the columns that are read of the first table, those of `id` among them.
  ///   - id: the id, as found in the first table.
  /// - Throws: `badData` with file and line if an id is empty, twice in a table, or in another table
  ///   with other texts.
  init(
    _ tables: [TableFile], _ selection: ColumnSelection, id: BoundTemplate
  ) throws(Failure) {
    var parts: [Part] = []
    var builder = RecordIndex.Builder()
    for table in tables {
      // The columns have the same names and perhaps another order.
      let names = selection.positions.map { tables[0].columns[$0] }
      let part = Part(
        table: table, positions: names.compactMap { table.columns.firstIndex(of: $0) })
      let (first, earlier) = (builder.count, parts)
      try TextTable.add(table, id, part.positions, to: &builder) { (former, record, values) in
        guard former < first else { return false }
        let other = earlier[record.part]
        let known = try? other.table.values(other.positions, in: record.bytes) {
          Place(table.path)
        }
        return known == values
      }
      parts.append(part)
    }
    self.parts = parts
    index = builder.finished(tables[0].path)
  }

  /// The tables, in the order of the parts of `index`.
  var tables: [TableFile] { parts.map(\.table) }

  /// The values of the columns read, of the row at the start of `record`, in a part of the tables.
  func values(
    _ part: Int, in record: Bytes, at place: () -> Place
  ) throws(Failure) -> [String] {
    try parts[part].table.values(parts[part].positions, in: record, at: place)
  }

  /// The values of a document; empty if it has no row.
  func values(of id: String) throws(Failure) -> [String] {
    guard let ordinal = index.ordinal(of: id) else { return [] }
    let record = index.record(at: ordinal)
    let found = try values(record.part, in: record.bytes) { index.place(of: ordinal) }
    index.release(from: ordinal, through: ordinal)
    return found
  }

  /// Rejects tables that are not parts of one.
  ///
  /// - Throws: `badData` with both headings if the columns of two differ.
  static func requireSameColumns(_ tables: [TableFile]) throws(Failure) {
    guard let first = tables.first,
      let other = tables.first(where: { Set($0.columns) != Set(first.columns) })
    else { return }
    throw Failure(
      .badData,
      "the folder has tables of documents with different columns beside the judged pairs: "
        + "\(first.path) has \(first.columnList), and \(other.path) has \(other.columnList)",
      at: Place(other.path, line: 1),
      expected: "one table with the texts of all documents, or several with the same headings",
      remedy: "give them the same headings, or move what is not of this collection elsewhere")
  }
}
