import Diagnostics
import Files

/// Lists from a table with a document in each row: labelled pairs, of which those of a query are a
/// list wherever they are in the file, and click logs, in which a list is what was shown at once.
struct DocumentRows: Sendable {
  /// The rows of a list.
  struct Group: Sendable {
    /// The offset and line of each row.
    var rows: [(start: Int, line: Int)]
  }

  private let table: TableFile
  private let pairs: PairTable
  /// All columns that are read: those of the pairs, then the others.
  private let positions: [Int]
  private let position: Int?
  private let teacher: Int?
  private let weight: Int?
  private let isClicks: Bool
  private let words: LabelWords
  /// The lists, in the order of their first rows.
  private(set) var groups: [Group] = []

  private static let sessions: Set<String> = [
    "session", "session_id", "search_id", "impression_id", "request_id", "serp_id", "list_id",
  ]

  /// The index of the column of clicks; nil if there is none.
  static func clicks(_ columns: [String]) -> Int? {
    column(["click", "clicked", "clicks", "is_clicked", "is_click"], columns)
  }

  private static func column(_ names: Set<String>, _ columns: [String]) -> Int? {
    columns.firstIndex { names.contains($0.lowercased()) }
  }

  /// Finds the lists of a table: one pass over its rows.
  ///
  /// - Throws: `badData` with the columns that are present if one is missing, and with line and
  ///   column if a label has no grade.
  init(_ table: TableFile, _ form: CollectionForm) throws(Failure) {
    self.table = table
    var named = form.columns
    let clicks = Self.clicks(table.columns)
    if named.label == nil, let clicks { named.label = table.columns[clicks] }
    isClicks = clicks.map { named.label == table.columns[$0] } ?? false
    words = LabelWords(form.labels)
    var none: (table: TableFile, selection: ColumnSelection)?
    pairs = try PairTable(table, named, split: nil, joined: &none)
    guard pairs.hasLabels else { throw table.unrecognised(.label, "the label or click") }
    var positions = pairs.selection.positions
    func index(_ names: Set<String>) -> Int? {
      guard let found = Self.column(names, table.columns) else { return nil }
      positions.append(found)
      return positions.count - 1
    }
    position = index(["position", "rank", "shown_at"])
    teacher = index(["teacher", "teacher_score"])
    weight = index(["weight"])
    let session = index(Self.sessions)
    self.positions = positions
    try divide(session)
  }

  /// Divides the rows among lists.
  private mutating func divide(_ session: Int?) throws(Failure) {
    var known: [String: Int] = [:]
    var (groups, last): ([Group], (query: String, position: Double)) = ([], ("", 0))
    var shown: Set<String> = []
    try table.forEachRow(positions) { (row) throws(Failure) in
      let pair = try pairs.pair(row)
      if pairs.grade(of: pair, words) == nil {
        throw words.failure([pair.label ?? ""], at: pairs.labelPlace(row))
      }
      let place = try number(position, row, "a position is an integer from 1 up") {
        $0 >= 1 && $0 == $0.rounded()
      }
      var key = pair.queryID
      if let session {
        key += "\0" + row.values[session]
      } else if isClicks {
        // Without sessions, a list ends where the query changes, or positions begin again.
        let isNew =
          pair.queryID != last.query || shown.contains(pair.id)
          || (place.map { $0 <= last.position } ?? false)
        if isNew { (known, shown) = ([:], []) }
        shown.insert(pair.id)
        last = (pair.queryID, place ?? 0)
      }
      if let group = known[key] {
        groups[group].rows.append((row.start, row.line))
      } else {
        known[key] = groups.count
        groups.append(Group(rows: [(row.start, row.line)]))
      }
    }
    self.groups = groups
  }

  /// A list and the line of its first row.
  ///
  /// - Throws: `badData` with the line if a document occurs twice or a number is malformed.
  func list(_ index: Int) throws(Failure) -> (record: ListRecord, line: Int) {
    var documents: [ListRecord.Document] = []
    var record: ListRecord?
    var seen: Set<String> = []
    for (start, line) in groups[index].rows {
      var row = TableRow(start: start, line: line)
      row.values = try table.values(
        positions, in: table.bytes[start..<table.bytes.count]
      ) { Place(table.path, line: line) }
      let pair = try pairs.pair(row)
      guard seen.insert(pair.id).inserted else {
        throw Failure(
          .badData,
          "the document '\(excerpt(pairs.hasIDs ? pair.id : pair.document))' occurs twice in a list",
          at: Place(table.path, line: line),
          expected: "each document once for a query"
            + (isClicks ? ", or a column 'session' that tells searches apart" : ""),
          remedy: "remove one of the two rows")
      }
      var document = ListRecord.Document()
      if pairs.hasIDs { document.id = pair.id }
      if pairs.hasTexts {
        document.text = pair.document
        if !pair.title.isEmpty { document.title = pair.title }
      }
      let grade = pairs.grade(of: pair, words) ?? 0
      document.label = isClicks ? min(1, grade) : grade
      document.position = try number(position, row, "a position is an integer from 1 up") {
        (1...1e9).contains($0) && $0 == $0.rounded()
      }.map { Int($0) }
      document.teacher = try number(teacher, row, "a score is a finite number") { _ in true }
      document.weight = try number(weight, row, "a weight is a number from 0 to 1000000") {
        (0...1e6).contains($0)
      }
      documents.append(document)
      record =
        record
        ?? ListRecord(
          queryID: pairs.hasQueryIDs ? pair.queryID : nil,
          query: pairs.hasQueryTexts ? pair.query : nil, documents: [])
    }
    var list = record ?? ListRecord(documents: [])
    list.documents = documents
    return (list, groups[index].rows.first?.line ?? 1)
  }

  private func number(
    _ index: Int?, _ row: TableRow, _ expected: String, where isRight: (Double) -> Bool
  ) throws(Failure) -> Double? {
    guard let index, !row.values[index].isWhiteSpace else { return nil }
    if let number = Double(trimmed(row.values[index])), number.isFinite, isRight(number) {
      return number
    }
    let name = table.columns[positions[index]]
    throw Failure(
      .badData, "'\(name)' cannot be '\(excerpt(row.values[index]))'",
      at: table.place(of: index, in: row, column: positions[index]), expected: expected)
  }
}
