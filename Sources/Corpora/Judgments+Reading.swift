public import Diagnostics
public import Files

extension Judgments {
  /// Reads a file of judgments: plain, compressed or inside an archive (`beir.zip/qrels/test.tsv`).
  ///
  /// - Throws: the errors of `readFile` and `init(_:)`.
  public init(opening path: String) throws(Failure) {
    try self.init(readText(path))
  }

  /// Reads judgments in BEIR's three columns (query, document, grade, separated by tabs, with an
  /// optional header line) or TREC's four (query, any value, document, grade, separated by whitespace).
  /// The first line determines which; blank lines are skipped. Judged pairs in a table with headings
  /// (CSV, TSV, JSON Lines) are read as well, by the common names of columns.
  ///
  /// - Throws: `badData` with file and line if a line has different columns, a grade is not a
  ///   number, or a pair is judged twice with different grades.
  public init(_ file: TextFile) throws(Failure) {
    try self.init(file, onFailure: endsReading)
  }

  /// Reads judgments, like `init(_:)`.
  ///
  /// - Parameter onFailure: receives what is wrong with a line; if it does not throw, the line is
  ///   passed over.
  init(_ file: TextFile, onFailure: OnFailure) throws(Failure) {
    let (bytes, source) = (file.bytes, file.path)
    self.init(from: source)
    if let table = try QrelsColumns.table(file) {
      textFaults = table.table.faults
      try add(table, split: nil, LabelWords(nil))
      return
    }
    textFaults = file.faults
    textFaults.scan(bytes)
    var layout: QrelsColumns?
    var lineNumber = 0
    for range in bytes.lines {
      lineNumber += 1
      let line = bytes[range]
      if line.isBlank { continue }
      let place = Place(source, line: lineNumber)
      if layout == nil {
        let told = try QrelsColumns(tellingFrom: line, at: place)
        layout = told
        if told.areHeadings(line) { continue }
      }
      guard let columns = layout else { continue }
      let judgment: Judgment
      do throws(Failure) {
        judgment = try columns.judgment(in: line, at: place)
      } catch {
        try onFailure(error)
        continue
      }
      if let earlier = add(judgment), earlier != judgment.grade {
        try onFailure(
          Failure(
            .badData,
            "document '\(judgment.document)' is judged twice for query '\(judgment.query)', with "
              + "grade \(earlier) and with grade \(judgment.grade)",
            at: place, expected: "one grade per query and document",
            remedy: "remove one of the two lines"))
      }
    }
    if count == 0 {
      throw Failure(
        .badData, "the file holds no judgments", at: Place(source),
        expected: QrelsColumns.either)
    }
  }
}

/// The two formats of judgments.
private enum QrelsColumns {
  case beir
  case trec

  static let either =
    "three columns separated by tabs (query, document, grade) or four separated by whitespace "
    + "(query, 0, document, grade)"

  init(tellingFrom line: Bytes, at place: Place) throws(Failure) {
    if Fields.betweenTabs(line).count == 3 {
      self = .beir
    } else if Fields.betweenBlanks(line).count == 4 {
      self = .trec
    } else {
      throw Failure(
        .badData, "the line '\(excerpt(line.text))' is not a judgment", at: place,
        expected: QrelsColumns.either)
    }
  }

  /// The table in a file whose first line is neither of the two formats; nil if there is none.
  static func table(_ file: TextFile) throws(Failure) -> PairTable? {
    let first = file.bytes.lines.lazy.map { file.bytes[$0] }.first { !$0.isBlank }
    guard let first, first.count <= DelimitedReader.longest else { return nil }
    let place = Place(file.path)
    let isQrels = (try? QrelsColumns(tellingFrom: first, at: place)) != nil
    guard first[0] == UInt8(ascii: "{") || !isQrels,
      let table = try TableFile(file), try TableRoles(table.columns, TableColumns()).areJudged
    else { return nil }
    var none: (table: TableFile, selection: ColumnSelection)?
    return try PairTable(table, TableColumns(), split: nil, joined: &none)
  }

  /// Whether a line is a header.
  func areHeadings(_ line: Bytes) -> Bool {
    let first = line[fields(of: line)[0]].text.lowercased()
    return ["query-id", "query_id", "queryid", "qid", "query"].contains(first)
      && Double(line[fields(of: line)[self == .beir ? 2 : 3]].text) == nil
  }

  func judgment(in line: Bytes, at place: Place) throws(Failure) -> Judgment {
    let fields = fields(of: line)
    guard fields.count == (self == .beir ? 3 : 4), !fields.contains(where: \.isEmpty) else {
      throw Failure(
        .badData, "the line '\(excerpt(line.text))' has \(filled(fields))", at: place,
        expected: self == .beir
          ? "three separated by tabs as on the first line: query, document, grade"
          : "four separated by whitespace as on the first line: query, 0, document, grade")
    }
    let grade = line[fields[fields.count - 1]].text
    guard let number = Double(grade), number.isFinite else {
      throw Failure(
        .badData, "the grade '\(grade)' is not a number", at: place,
        expected: "a number such as 0, 1 or 0.5; 1 or more is relevant")
    }
    return Judgment(
      query: line[fields[0]].text, document: line[fields[self == .beir ? 1 : 2]].text,
      grade: number)
  }

  private func filled(_ fields: [Range<Int>]) -> String {
    fields.contains(where: \.isEmpty) ? "an empty column" : counted(fields.count, "column")
  }

  private func fields(of line: Bytes) -> [Range<Int>] {
    self == .beir ? Fields.betweenTabs(line) : Fields.betweenBlanks(line)
  }
}
