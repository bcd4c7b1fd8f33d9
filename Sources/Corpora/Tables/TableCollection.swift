import Diagnostics
import Files

/// A collection made of tables: judged pairs, and perhaps the documents or the queries in tables of
/// their own, joined by id. Opening reads every row once; texts are read again on demand.
struct TableCollection {
  private let files: CollectionFiles
  private let form: CollectionForm
  private var pairs: [PairTable] = []
  private let documents: [TableFile]
  /// The first table of documents, whose columns are those of all.
  private var joined: (table: TableFile, selection: ColumnSelection)?
  private var joinedID: BoundTemplate?
  private let words: LabelWords
  private var splits: Set<String> = []

  /// The most values that a column of splits may have.
  private static let mostSplits = 100

  /// The tables of a collection: pairs with the splits that their files are named after, and parts of
  /// a table of documents.
  ///
  /// - Throws: `badData` if a column that is needed is missing, or if tables of documents have
  ///   different ones.
  init(
    _ files: CollectionFiles, _ form: CollectionForm,
    pairs tables: [(table: TableFile, split: String?)], documents: [TableFile]
  ) throws(Failure) {
    (self.files, self.form, self.documents) = (files, form, documents)
    words = LabelWords(form.labels)
    try JoinedTables.requireSameColumns(documents)
    if let first = documents.first { joined = (first, ColumnSelection()) }
    for (table, split) in tables {
      pairs.append(try PairTable(table, form.columns, split: split, joined: &joined))
    }
    if var other = joined {
      let roles = try TableRoles(other.table.columns, form.columns)
      // The id has one name in both tables, or a common one in the table of documents.
      let common = try TableRoles(other.table.columns, TableColumns())
      let isThere = roles[.id]?.names.allSatisfy(other.table.columns.contains) ?? false
      guard let id = isThere ? roles[.id] : common[.id] else {
        throw other.table.unrecognised(.id, "the document's id")
      }
      joinedID = try BoundTemplate(id, in: other.table, &other.selection)
      joined = other
    }
  }

  /// Reads all rows for ids, labels and splits.
  ///
  /// - Throws: `badData` with file, line and column at the first row that is not as it should be.
  mutating func opened(queries tables: [TableFile]) throws(Failure) -> Collection {
    let queryIndex = tables.isEmpty ? nil : try TextTable(tables, isQuery: true)
    var texts: JoinedTables?
    if let joined, let joinedID {
      texts = try JoinedTables(self.documents, joined.selection, id: joinedID)
    }
    var documents = DistinctRecords()
    var queries = DistinctRecords()
    let ownTexts = pairs.contains(where: \.hasTexts)
    for pairTable in pairs {
      let table = pairTable.table
      documents.begin(table)
      queries.begin(table)
      var (unknown, firstPlace): ([String], Place?) = ([], nil)
      try pairTable.forEachPair { (pair, row) throws(Failure) in
        if pairTable.hasLabels, pairTable.grade(of: pair, words) == nil, let label = pair.label {
          if firstPlace == nil { firstPlace = pairTable.labelPlace(row) }
          if unknown.count < 20, !unknown.contains(label) { unknown.append(label) }
        }
        if let split = pair.split { try note(split, of: pairTable, row) }
        if queryIndex == nil, pairTable.hasQueryTexts {
          try queries.insert(
            pair.queryID, pair.query, row, table, "query", isGiven: pairTable.hasQueryIDs)
        }
        if ownTexts, pairTable.hasTexts {
          try documents.insert(
            pair.id, pair.title + "\n" + pair.document, row, table, "document",
            isGiven: pairTable.hasIDs)
        }
      }
      if let firstPlace { throw words.failure(unknown, at: firstPlace) }
      if let split = pairTable.fileSplit, pairTable.hasLabels { splits.insert(split) }
    }
    if let texts { documents.addMissing(texts) }
    let documentIndex =
      ownTexts ? documents.finished(files.path) : texts?.index ?? .empty(files.path)
    if documentIndex.count == 0 {
      throw Failure(
        .badData, "the table holds no documents", at: Place(files.path),
        expected: "headings, and a row for each pair of a query and a document")
    }
    return collection(
      documentIndex, texts, queryIndex, queries.finished(files.path), ownTexts: ownTexts)
  }

  private mutating func note(
    _ split: String, of table: PairTable, _ row: TableRow
  ) throws(Failure) {
    if splits.contains(split) { return }
    if split.isEmpty || splits.count == Self.mostSplits {
      throw Failure(
        .badData,
        split.isEmpty
          ? "the split is empty" : "the column of splits has more than \(Self.mostSplits) values",
        at: table.splitPlace(row), expected: "the name of a split, such as train or test",
        remedy: "name the column of splits: columns: { split: NAME }")
    }
    splits.insert(split)
  }

  private func collection(
    _ documents: RecordIndex, _ joined: JoinedTables?, _ queryTable: TextTable?,
    _ ownQueries: RecordIndex, ownTexts: Bool
  ) -> Collection {
    let (pairs, words) = (pairs, words)
    let judged = pairs.filter(\.hasLabels)
    @Sendable func reader(_ split: String?) -> Collection.SplitReader {
      { () throws(Failure) in
        var judgments = Judgments(from: judged.first?.table.path ?? "")
        for table in judged where split == nil || table.hasSplits || table.fileSplit == split {
          try judgments.add(table, split: split, words)
        }
        return judgments
      }
    }
    // Parts of the index are the tables of pairs, then the joined tables.
    let document: Collection.Reader<Document> = { (record, place) throws(Failure) in
      var beside: [String] = []
      if let joined {
        if !ownTexts || record.part >= pairs.count {
          let part = ownTexts ? record.part - pairs.count : record.part
          beside = try joined.values(part, in: record.bytes, at: place)
          let found = pairs[0].document(joined: beside)
          return Document(id: record.id, title: found.title, text: found.text)
        }
        beside = try joined.values(of: record.id)
      }
      let found = try pairs[record.part].document(in: record.bytes, joined: beside, at: place)
      return Document(id: record.id, title: found.title, text: found.text)
    }
    let query: Collection.Reader<Query> = { (record, place) throws(Failure) in
      if let queryTable { return Query(id: record.id, text: try queryTable.text(record, place)) }
      return Query(
        id: record.id, text: try pairs[record.part].query(in: record.bytes, at: place))
    }
    let isUnnamed = splits.isEmpty
    return Collection(
      files, layout: files.only == nil ? "tables" : "table", documents: documents,
      queries: queryTable?.index ?? ownQueries,
      splits: Dictionary(uniqueKeysWithValues: splits.map { ($0, reader($0)) }),
      unnamed: isUnnamed && !judged.isEmpty ? reader(nil) : nil, form: form, document: document,
      query: query)
  }
}

extension Judgments {
  /// Adds the judged pairs of a table, those of a split if the table has a column of splits.
  mutating func add(
    _ table: PairTable, split: String?, _ words: LabelWords
  ) throws(Failure) {
    try table.forEachPair { (pair, row) throws(Failure) in
      if table.hasSplits, let split, pair.split != split { return }
      guard let grade = table.grade(of: pair, words) else { return }
      let earlier = add(Judgment(query: pair.queryID, document: pair.id, grade: grade))
      guard let earlier, earlier != grade else { return }
      throw table.twice(pair, earlier, grade, row)
    }
  }
}
