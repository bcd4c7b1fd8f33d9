package import Diagnostics
package import Files

/// A row of a table of separated values, as ranges of the bytes of its file.
package struct DelimitedRow {
  /// A field, without the quotes around it.
  package struct Field {
    package var range: Range<Int>
    /// Whether quotes within it are doubled.
    package var isEscaped = false
  }

  /// The offset of its first byte.
  package var start = 0
  /// The line on which it starts, from 1.
  package var line = 1
  package var fields: [Field] = []

  /// A row to be read into.
  package init() {}
}

/// Reads tables of separated values (RFC 4180), row by row, over the bytes of a mapped file.
///
/// A field in quotes may hold separators, line ends and doubled quotes. A quote elsewhere is a
/// character like any other, as in `19" monitor`. Lines end with LF, CRLF or CR; empty ones are
/// skipped. In tables separated by tabs a quoted field ends on its own line, and what does not end
/// there as a quoted field is read as it is, since most programs that write tabs quote nothing.
///
/// The packages for Swift that read such tables take a `String` of the whole file, keep every
/// field, and report no places, so they fit neither large files nor messages.
package struct DelimitedReader: Sendable {
  let bytes: Bytes
  let path: String
  let separator: UInt8
  /// The offset and the line, from 1, at which the next row is looked for.
  private(set) var position: Int
  private(set) var line: Int

  /// The length of the longest row that is read, in bytes.
  package static let longest = 64 << 20
  /// The most fields of a row. More are no table, and would fill the memory.
  static let mostFields = 1 << 16

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let tab = UInt8(ascii: "\t")

  /// Starts at an offset, which is on `line`.
  package init(
    _ bytes: Bytes, path: String, separator: UInt8, from position: Int = 0, line: Int = 1
  ) {
    (self.bytes, self.path, self.separator) = (bytes, path, separator)
    (self.position, self.line) = (position, line)
  }

  /// Reads the next row into `row`, whose memory is used again; false at the end.
  ///
  /// - Throws: `badData` with line and column if a quote is not closed or not doubled, and with the
  ///   line if a row is longer than `longest`.
  package mutating func next(_ row: inout DelimitedRow) throws(Failure) -> Bool {
    let (bytes, start, startLine) = (bytes, position, line)
    let end = try bytes.withSpan { (span) throws(Failure) in
      try read(span, from: start, line: startLine, into: &row)
    }
    (position, line) = end
    return !row.fields.isEmpty
  }

  private func read(
    _ span: Span<UInt8>, from start: Int, line startLine: Int, into row: inout DelimitedRow
  ) throws(Failure) -> (position: Int, line: Int) {
    var (position, line) = (start, startLine)
    row.fields.removeAll(keepingCapacity: true)
    while position < span.count, let length = Self.lineEnd(span, position) {
      position += length
      line += 1
    }
    (row.start, row.line) = (position, line)
    if position == span.count { return (position, line) }
    while true {
      if position < span.count, span[position] == Self.quote,
        let field = try quoted(span, &position, &line, row)
      {
        row.fields.append(field)
      } else {
        let begin = position
        while position < span.count, span[position] != separator,
          span[position] != Self.newline, span[position] != Self.carriageReturn
        {
          position += 1
          if position - row.start > Self.longest { throw tooLong(row.line) }
        }
        row.fields.append(DelimitedRow.Field(range: begin..<position))
      }
      if row.fields.count > Self.mostFields { throw tooManyFields(row.line) }
      if position == span.count { return (position, line) }
      if let length = Self.lineEnd(span, position) { return (position + length, line + 1) }
      position += 1
    }
  }

  /// The field whose opening quote is at `position`; nil if it is to be read as it is.
  private func quoted(
    _ span: Span<UInt8>, _ position: inout Int, _ line: inout Int, _ row: DelimitedRow
  ) throws(Failure) -> DelimitedRow.Field? {
    let (open, openLine) = (position, line)
    var isEscaped = false
    position += 1
    while position < span.count {
      let byte = span[position]
      if byte == Self.quote {
        let next = position + 1
        if next < span.count, span[next] == Self.quote {
          isEscaped = true
          position += 2
          continue
        }
        if next == span.count || span[next] == separator || Self.lineEnd(span, next) != nil {
          defer { position = next }
          return DelimitedRow.Field(range: open + 1..<position, isEscaped: isEscaped)
        }
        if separator == Self.tab { break }
        throw misplaced(position, line)
      }
      if byte == Self.newline || byte == Self.carriageReturn {
        if separator == Self.tab { break }
        if byte == Self.newline || Self.lineEnd(span, position) == 1 { line += 1 }
      }
      position += 1
      if position - row.start > Self.longest { throw tooLong(row.line) }
    }
    if separator == Self.tab {
      (position, line) = (open, openLine)
      return nil
    }
    throw Failure(
      .badData, "a quoted field is not closed before the end of the file",
      at: Place(path, line: openLine, column: column(of: open)),
      expected: #"a quote at the end of the field, and quotes within it doubled ("")"#,
      remedy: "close the quote that opens here, or remove it")
  }

  private func misplaced(_ position: Int, _ line: Int) -> Failure {
    Failure(
      .badData, "a quoted field goes on behind its closing quote",
      at: Place(path, line: line, column: column(of: position)),
      expected: "a separator or the end of the line behind a closing quote",
      remedy: #"double the quotes within the field: "a 19"" monitor""#)
  }

  private func tooLong(_ line: Int) -> Failure {
    Failure(
      .badData, "the row is longer than \(Self.longest >> 20) MB", at: Place(path, line: line),
      expected: "rows with one document each",
      remedy: "check the line ends of the file, and for a quote that is not closed")
  }

  private func tooManyFields(_ line: Int) -> Failure {
    Failure(
      .badData, "the row has more than \(Self.mostFields) fields", at: Place(path, line: line),
      expected: "as many fields as the headings have",
      remedy: "check the line ends of the file, and its separator")
  }

  /// Rejects a line that is too long for a row, before it is divided into fields.
  ///
  /// - Throws: `badData`.
  static func requireLength(_ line: Bytes, at place: Place) throws(Failure) {
    guard line.count > longest else { return }
    throw Failure(
      .badData, "the line is longer than \(longest >> 20) MB", at: place,
      expected: "lines with one record each", remedy: "check the line ends of the file")
  }

  /// The number of bytes of the line end at `position`; nil if there is none.
  private static func lineEnd(_ span: Span<UInt8>, _ position: Int) -> Int? {
    if span[position] == newline { return 1 }
    guard span[position] == carriageReturn else { return nil }
    return position + 1 < span.count && span[position + 1] == newline ? 2 : 1
  }

  /// The column of an offset on its line, in characters from 1. For messages.
  func column(of offset: Int) -> Int {
    var start = offset
    while start > 0, bytes[start - 1] != Self.newline, bytes[start - 1] != Self.carriageReturn,
      offset - start < 1 << 16
    {
      start -= 1
    }
    return bytes[start..<offset].text.count + 1
  }

  /// The text of a field; bytes that are not UTF-8 become U+FFFD.
  package func text(_ field: DelimitedRow.Field) -> String {
    guard field.isEscaped else { return bytes[field.range].text }
    // By bytes: to Swift, a quote with a combining mark behind it is another character.
    var (single, isOpen): ([UInt8], Bool) = ([], false)
    single.reserveCapacity(field.range.count)
    for byte in bytes[field.range].array {
      isOpen = byte == Self.quote && !isOpen
      if byte != Self.quote || isOpen { single.append(byte) }
    }
    return Bytes(single).text
  }
}
