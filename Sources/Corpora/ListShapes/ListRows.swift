import Diagnostics
import Files

/// Lists from the rows of a table: pairs, triplets or tuples with a list in each row, triples of
/// MS MARCO, or labelled pairs and click logs with a document in each row.
struct ListRows: Sendable {
  private enum Kind: Sendable {
    /// A query with positives and negatives in each row.
    case tuples(anchor: Int, positives: [Int], negatives: [Int])
    /// Query, positive and negative in each row, as texts or as ids, without headings.
    case triples(areIDs: Bool)
    /// A document in each row.
    case documents(DocumentRows)
  }

  private let kind: Kind
  private let table: TableFile?
  private var rows: TableFile.Rows?
  private var row = TableRow()
  private let bytes: Bytes
  private let path: String
  private var lines: Lines.Iterator
  private var line = 0
  private var group = 0
  /// The encoding faults of the file.
  let faults: TextFaults

  /// The lists in a table; nil if the file has a list of its own form on each line.
  ///
  /// - Throws: `badData` if a table holds no lists, with the columns that it has.
  init?(_ given: TextFile, _ form: CollectionForm) throws(Failure) {
    var file = given
    let first = file.bytes.lines.lazy.map { [bytes = file.bytes] in bytes[$0] }.first {
      !$0.isBlank
    }
    guard let first, first.count <= DelimitedReader.longest else { return nil }
    if first[0] == UInt8(ascii: "{") {
      guard Self.isRow(first, form) else { return nil }
    } else {
      file = try TextFile(guessing: file.bytes, from: file.path, encoding: nil)
      faults = file.faults.isEmpty ? given.faults : file.faults
      (bytes, path) = (file.bytes, file.path)
      lines = bytes.lines.makeIterator()
      let fields = Fields.betweenTabs(first).map { first[$0].text }
      let isTriple = fields.count == 3 && !Self.anchors.contains(fields[0].lowercased())
      if isTriple, try !Self.hasRoles(fields, form) {
        kind = .triples(areIDs: fields.allSatisfy(Self.isIdentifier))
        table = nil
        return
      }
      guard let table = try TableFile(file) else { return nil }
      self.table = table
      rows = TableFile.Rows(table)
      kind = try Self.kind(table, form)
      return
    }
    guard let table = try TableFile(file) else { return nil }
    self.table = table
    (bytes, path, faults) = (file.bytes, file.path, table.faults)
    lines = bytes.lines.makeIterator()
    kind = .documents(try DocumentRows(table, form))
  }

  /// Whether a column of triples holds an id, such as `12` or `D301595`: texts have blanks.
  private static func isIdentifier(_ field: String) -> Bool {
    !field.contains(where: \.isWhitespace) && field.contains { ("0"..."9").contains($0) }
  }

  private static let anchors = Set(ListShape.anchors)

  private static func hasRoles(_ columns: [String], _ form: CollectionForm) throws(Failure) -> Bool
  {
    let roles = try TableRoles(columns, form.columns)
    return roles.arePairs
  }

  /// Whether a line of JSON is a query with one document.
  private static func isRow(_ line: Bytes, _ form: CollectionForm) -> Bool {
    let copy = Bytes(line.array)
    guard let file = try? TextFile(copy, from: ""), let table = try? TableFile(file) else {
      return false
    }
    let names = Set(table.columns)
    if names.contains("documents") || ListShape.all.contains(where: { $0.recognises(names) }) {
      return false
    }
    guard let roles = try? TableRoles(table.columns, form.columns) else { return false }
    return roles.arePairs && (roles.areJudged || DocumentRows.clicks(table.columns) != nil)
  }

  private static func kind(
    _ table: TableFile, _ form: CollectionForm
  ) throws(Failure) -> Kind {
    let names = table.columns.map { $0.lowercased() }
    let negatives = names.filter(ListShape.isNegative).sorted(by: ListShape.precedes)
    let anchor = ListShape.anchors.lazy.compactMap { names.firstIndex(of: $0) }.first
    let positives = ListShape.positives.compactMap { names.firstIndex(of: $0) }
    if let anchor, !positives.isEmpty {
      if negatives.isEmpty {
        throw Failure(
          .badData, "the rows are pairs without negatives, of which no list can be made",
          at: Place(table.path, line: 1),
          expected: "columns 'negative', or 'negative_1', 'negative_2' …",
          remedy: "name the file as the collection: data.train: { collection: "
            + "\(table.path), columns: { query: \(table.columns[anchor]), document: "
            + "\(table.columns[positives[0]]), label: 1 } }, with data.list.negatives: [random]")
      }
      return .tuples(
        anchor: anchor, positives: positives,
        negatives: negatives.compactMap { names.firstIndex(of: $0) })
    }
    return .documents(try DocumentRows(table, form))
  }

  /// The next list and its line; nil at the end.
  mutating func next() throws(Failure) -> (record: ListRecord, line: Int)? {
    switch kind {
    case .tuples(let anchor, let positives, let negatives):
      guard try rows?.next([anchor] + positives + negatives, into: &row) ?? false else {
        return nil
      }
      var documents: [ListRecord.Document] = []
      for (index, text) in row.values.dropFirst().enumerated() where !text.isWhiteSpace {
        documents.append(.init(text, label: index < positives.count ? 1 : 0))
      }
      if documents.isEmpty {
        throw Failure(
          .badData, "the row has no texts", at: Place(path, line: row.line),
          expected: "a positive and negatives", remedy: "add them, or remove the row")
      }
      return (ListRecord(query: row.values[0], documents: documents), row.line)
    case .triples(let areIDs): return try triple(areIDs)
    case .documents(let rows):
      guard group < rows.groups.count else { return nil }
      defer { group += 1 }
      return try rows.list(group)
    }
  }

  private mutating func triple(_ areIDs: Bool) throws(Failure) -> (record: ListRecord, line: Int)? {
    while let range = lines.next() {
      line += 1
      let text = bytes[range]
      if text.isBlank { continue }
      try DelimitedReader.requireLength(text, at: Place(path, line: line))
      let fields = Fields.betweenTabs(text).map { text[$0].text }
      guard fields.count == 3, !fields.contains(where: \.isWhiteSpace) else {
        throw Failure(
          .badData,
          "the line '\(excerpt(text.text))' has "
            + (fields.count == 3 ? "an empty column" : counted(fields.count, "column")),
          at: Place(path, line: line),
          expected: "three columns separated by tabs: query, positive, negative"
            + (areIDs ? ", as ids" : ""), remedy: "mend or remove the line")
      }
      guard areIDs else {
        let documents: [ListRecord.Document] = [
          .init(fields[1], label: 1), .init(fields[2], label: 0),
        ]
        return (ListRecord(query: fields[0], documents: documents), line)
      }
      var (positive, negative) = (ListRecord.Document(), ListRecord.Document())
      (positive.id, positive.label, negative.id) = (fields[1], 1, fields[2])
      if fields[1] == fields[2] {
        throw Failure(
          .badData, "the document '\(fields[1])' is positive and negative",
          at: Place(path, line: line), expected: "each document once in a list",
          remedy: "remove the line")
      }
      return (ListRecord(queryID: fields[0], documents: [positive, negative]), line)
    }
    return nil
  }
}
