import Diagnostics
import Files
import JSON

/// A row of a table: the texts of the columns asked for.
struct TableRow {
  /// The offset of the row in its file.
  var start = 0
  /// Its line, from 1.
  var line = 1
  /// The values of the selected columns; empty where a JSON object lacks the key.
  var values: [String] = []
  /// The offsets of the values in the file; -1 in JSON.
  var offsets: [Int] = []
}

/// A file of rows with named columns: values separated by commas, semicolons, tabs or bars under a
/// line of headings, or JSON Lines, whose keys are the columns. It stays mapped.
struct TableFile: Sendable {
  let path: String
  let bytes: Bytes
  /// The names of the columns, as written.
  let columns: [String]
  let faults: TextFaults
  /// The separator; nil for JSON Lines.
  fileprivate let separator: UInt8?
  /// The offset and line of the first row of data.
  fileprivate let start: (offset: Int, line: Int)

  /// The separators that are looked for, in the order in which they win a tie.
  private static let separators = [UInt8](",\t;|".utf8)

  /// The table in a file; nil if the first line has no separator and is no JSON object.
  ///
  /// - Throws: `badData` with file, line and column if the first line cannot be read.
  init?(_ file: TextFile) throws(Failure) {
    (path, bytes) = (file.path, file.bytes)
    var faults = file.faults
    faults.scan(bytes)
    self.faults = faults
    let mark = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard let first = Self.firstByte(bytes, mark) else { return nil }
    if first == UInt8(ascii: "{") {
      separator = nil
      start = (mark, 1)
      columns = try Self.keys(of: bytes, path: path)
      return
    }
    let line = bytes.lines.lazy.map { [bytes] in bytes[$0] }.first { !$0.isBlank }
    guard let line, line.count <= DelimitedReader.longest,
      let separator = Self.separator(of: line)
    else { return nil }
    var reader = DelimitedReader(bytes, path: path, separator: separator, from: mark)
    var row = DelimitedRow()
    guard try reader.next(&row) else { return nil }
    self.separator = separator
    start = (reader.position, reader.line)
    columns = row.fields.map { field in trimmed(reader.text(field)) }
  }

  /// The separator that occurs most often outside quotes; nil if none does.
  private static func separator(of line: Bytes) -> UInt8? {
    var counts = [Int](repeating: 0, count: separators.count)
    var isQuoted = false
    line.withSpan { span in
      for index in span.indices {
        if span[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
        guard !isQuoted, let found = separators.firstIndex(of: span[index]) else { continue }
        counts[found] += 1
      }
    }
    guard let most = counts.max(), most > 0 else { return nil }
    return counts.firstIndex(of: most).map { separators[$0] }
  }

  private static func firstByte(_ bytes: Bytes, _ start: Int) -> UInt8? {
    bytes.withSpan { span in
      var index = start
      while index < span.count, span[index] <= 0x20 { index += 1 }
      return index < span.count ? span[index] : nil
    }
  }

  /// The keys of the first objects, sorted: later ones may have keys that the first lacks.
  private static func keys(of bytes: Bytes, path: String) throws(Failure) -> [String] {
    var names: Set<String> = []
    var (line, found) = (0, 0)
    for range in bytes.lines {
      line += 1
      if bytes[range].isBlank { continue }
      names.formUnion(try object(bytes[range], at: Place(path, line: line)).keys)
      found += 1
      if found == 100 { break }
    }
    return names.sorted()
  }

  private static let shape = "a JSON object on every line, as on the first"

  private static func object(
    _ line: Bytes, at place: Place
  ) throws(Failure) -> [String: JSONValue] {
    try DelimitedReader.requireLength(line, at: place)
    do {
      if let members = try JSONLine.decode(JSONValue.self, from: line).members { return members }
    } catch {
      let mended = Array(line.replacingLoneSurrogates.text.utf8)
      throw JSONRecord.notJSON(mended, at: place, expected: shape)
    }
    throw Failure(.badData, "the line is not a JSON object", at: place, expected: shape)
  }

  /// Iterates over the rows with the values of the columns at `positions`.
  ///
  /// - Throws: `badData` with file, line and column where a row cannot be read or has more or fewer
  ///   fields than the headings; the errors of `body`.
  func forEachRow(
    _ positions: [Int], _ body: (TableRow) throws(Failure) -> Void
  ) throws(Failure) {
    var rows = Rows(self)
    var row = TableRow()
    while try rows.next(positions, into: &row) { try body(row) }
  }

  /// The rows of a table, one at a time.
  struct Rows: Sendable {
    private enum Source: Sendable {
      case delimited(DelimitedReader)
      case lines(Lines.Iterator, number: Int)
    }

    private let table: TableFile
    private var source: Source
    private var fields = DelimitedRow()
    private var released = 0

    init(_ table: TableFile) {
      self.table = table
      source =
        if let separator = table.separator {
          .delimited(
            DelimitedReader(
              table.bytes, path: table.path, separator: separator, from: table.start.offset,
              line: table.start.line))
        } else {
          .lines(table.bytes.lines.makeIterator(), number: 0)
        }
    }

    /// Reads the next row; false at the end.
    mutating func next(
      _ positions: [Int], into row: inout TableRow
    ) throws(Failure) -> Bool {
      switch source {
      case .delimited(var reader):
        guard try reader.next(&fields) else { return false }
        source = .delimited(reader)
        try table.read(fields, of: reader, positions, into: &row)
      case .lines(var lines, var number):
        var range: Range<Int>?
        repeat {
          range = lines.next()
          number += 1
        } while range.map({ table.bytes[$0].isBlank }) ?? false
        source = .lines(lines, number: number)
        guard let range else { return false }
        try table.read(
          table.bytes[range], positions, into: &row, at: Place(table.path, line: number))
        (row.start, row.line) = (range.lowerBound, number)
      }
      if row.start - released > 16 << 20 {
        table.bytes.release(released..<row.start)
        released = row.start
      }
      return true
    }
  }

  /// The values of the first row in `record`, which begins at a row of this table.
  func values(_ positions: [Int], in record: Bytes, at place: () -> Place) throws(Failure)
    -> [String]
  {
    var row = TableRow()
    guard let separator else {
      let end = record.firstIndex(of: UInt8(ascii: "\n")) ?? record.count
      let line = record[0..<end]
      try read(line, positions, into: &row, at: Place(path))
      return row.values
    }
    var reader = DelimitedReader(record, path: path, separator: separator)
    var fields = DelimitedRow()
    guard try reader.next(&fields) else { return positions.map { _ in "" } }
    try read(fields, of: reader, positions, into: &row)
    return row.values
  }

  fileprivate func read(
    _ line: Bytes, _ positions: [Int], into row: inout TableRow, at place: Place
  ) throws(Failure) {
    let members = try Self.object(line, at: place)
    row.values.removeAll(keepingCapacity: true)
    row.offsets.removeAll(keepingCapacity: true)
    for position in positions {
      row.values.append(Self.text(members[columns[position]] ?? .null))
      row.offsets.append(-1)
    }
  }

  /// A value as text; lists, which some collections have for a text in parts, are joined.
  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null, .object: ""
    case .text(let text): text
    case .whole(let number): "\(number)"
    case .number(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .list(let items): items.map(text).joined(separator: " ")
    }
  }

  fileprivate func read(
    _ fields: DelimitedRow, of reader: DelimitedReader, _ positions: [Int],
    into row: inout TableRow
  ) throws(Failure) {
    guard fields.fields.count == columns.count else { throw ragged(fields, reader) }
    (row.start, row.line) = (fields.start, fields.line)
    row.values.removeAll(keepingCapacity: true)
    row.offsets.removeAll(keepingCapacity: true)
    for position in positions {
      row.values.append(reader.text(fields.fields[position]))
      row.offsets.append(fields.fields[position].range.lowerBound)
    }
  }

  private func ragged(_ fields: DelimitedRow, _ reader: DelimitedReader) -> Failure {
    let names = columns.prefix(12).joined(separator: ", ") + (columns.count > 12 ? ", …" : "")
    let isTab = reader.separator == UInt8(ascii: "\t")
    let written = isTab ? "tab" : "'\(UnicodeScalar(reader.separator))'"
    return Failure(
      .badData,
      "the row has \(counted(fields.fields.count, "field")), the headings have \(columns.count)",
      at: Place(path, line: fields.line), expected: "fields for \(names)",
      remedy: fields.fields.count > columns.count
        ? "put fields that contain a \(written) in quotes, or remove what is too much"
        : "add the missing fields, empty ones too")
  }

  /// The place of a value of a row: line and column, or line and key.
  func place(of index: Int, in row: TableRow, column position: Int) -> Place {
    guard let separator, index < row.offsets.count else {
      return Place(path, line: row.line, key: separator == nil ? columns[position] : nil)
    }
    let offset = row.offsets[index]
    let before = bytes[row.start..<offset]
    let line = row.line - 1 + RecordIndex.line(of: before.count, in: before)
    let reader = DelimitedReader(bytes, path: path, separator: separator)
    return Place(path, line: line, column: reader.column(of: offset))
  }
}
