import Diagnostics
import Files

extension CollectionLayout {
  /// Tables of labelled pairs, with columns: one file, or a folder with files named after splits
  /// and perhaps tables of documents and queries, joined by id. Exports of ir_datasets (MacAvaney
  /// et al. 2021, "Simplified Data Wrangling with ir_datasets") are such tables too.
  static let tables = CollectionLayout(
    name: "tables",
    files: "CSV, TSV or JSON Lines with columns for query, document and label",
    landmark: nil,
    recognises: { files, form in
      if let name = files.only { return files.couldBeTable(name) }
      guard let form else { return files.tableNames.contains(where: files.couldBeTable) }
      return TableFolder(files, form) != nil
    },
    contents: { files, _ in files.only.map { [$0] } ?? files.tableNames },
    open: { files, form throws(Failure) in
      if let name = files.only {
        return try single(name, files, form)
      }
      guard let folder = TableFolder(files, form) else {
        throw Failure(
          .badData, "the folder holds no table of judged pairs", at: Place(files.path),
          expected: "a table with columns for query, document and label")
      }
      return try folder.opened(form)
    },
    survey: { files, form, collector in
      let words = LabelWords(form.labels)
      for name in files.only.map({ [$0] }) ?? files.tableNames where !name.contains("/") {
        collector.collect { (collector) throws(Failure) in
          guard let table = try TableFile(files.readText(name, form)),
            try TableRoles(table.columns, form.columns, arePresent: true).arePairs
          else { return }
          // A column of a table that is joined is not there.
          var none: (table: TableFile, selection: ColumnSelection)?
          var columns = form.columns
          if form.documents != nil { (columns.document, columns.title) = (nil, nil) }
          try PairTable(table, columns, split: nil, joined: &none).survey(words, &collector)
        }
      }
    })

  private static func single(
    _ name: String, _ files: CollectionFiles, _ form: CollectionForm
  ) throws(Failure) -> Collection {
    guard let table = try TableFile(files.readText(name, form)) else {
      throw Failure(
        .badData, "the file is not a table", at: Place(files.path, line: 1),
        expected: "headings separated by commas, semicolons or tabs on the first line, or a JSON "
          + "object on every line")
    }
    var documents: TableFile?
    if let path = form.documents {
      let text = try TextFile(guessing: readFile(path), from: path, encoding: form.encoding)
      documents = try TableFile(text)
      if documents == nil {
        throw Failure(
          .badData, "the file is not a table of documents", at: Place(path, line: 1),
          expected: "headings on the first line, with a column for the document's id")
      }
    }
    let roles = try TableRoles(table.columns, form.columns)
    if roles.areDocuments, form.columns.query == nil {
      // An index needs no queries.
      let texts = try TextTable([table], isQuery: false, form.columns)
      return texts.collection(files, form)
    }
    var collection = try TableCollection(
      files, form, pairs: [(table, nil)], documents: documents.map { [$0] } ?? [])
    if roles[.label] == nil, roles.constantLabel == nil {
      throw table.unrecognised(.label, "the label").adding(
        "if all pairs are relevant, give the number 1 as the column: columns: { label: 1 }")
    }
    return try collection.opened(queries: [])
  }
}

extension Failure {
  /// The failure with a further remedy.
  fileprivate func adding(_ other: String) -> Failure {
    var failure = self
    failure.remedy = [remedy, other].compactMap { $0 }.joined(separator: "; ")
    return failure
  }
}

extension TextTable {
  /// The table's documents as a collection without queries.
  fileprivate func collection(_ files: CollectionFiles, _ form: CollectionForm) -> Collection {
    Collection(
      files, layout: "table", documents: index, queries: .empty(files.path), splits: [:],
      form: form,
      document: { record, place throws(Failure) in
        let parts = try parts(record, place)
        return Document(id: record.id, title: parts.title, text: parts.text)
      },
      query: { record, _ throws(Failure) in Query(id: record.id, text: "") })
  }
}

extension CollectionFiles {
  /// The names of files that may be tables, judged by their endings.
  var tableNames: [String] {
    names.filter { name in
      var parts = name.lowercased().split(separator: ".")
      if let last = parts.last, ["gz", "zst", "xz", "bz2"].contains(last) { parts.removeLast() }
      return ["csv", "tsv", "tab", "txt", "jsonl", "ndjson"].contains(parts.last ?? "")
    }
  }

  /// Why the only file cannot be a table, if it is empty, or a text but for its zero bytes; nil for
  /// anything else.
  var textDamage: Failure? {
    guard let name = only, let bytes = try? folder.readBeginning(name, 1 << 16) else {
      return nil
    }
    if bytes.isEmpty {
      return Failure(
        .badData, "the file is empty", at: Place(path), expected: "a table with headings",
        remedy: "check what was to write it")
    }
    let head = bytes[0..<min(bytes.count, 1 << 16)].array
    let others = head.count { $0 < 0x20 && ![0, 0x09, 0x0A, 0x0D].contains($0) }
    guard let zero = head.firstIndex(of: 0), others * 100 <= head.count,
      head.count(where: { $0 == 0 }) * 4 <= head.count
    else { return nil }
    return Failure(
      .badData, "the file holds a zero byte, which no text has",
      at: Place(path, line: 1 + head[..<zero].count { $0 == 0x0A }), expected: "a table as text",
      remedy: "remove the byte, or name the encoding: --encoding, or 'encoding:' beside the "
        + "collection in a recipe or job")
  }

  /// Whether a file begins like a table.
  func couldBeTable(_ name: String) -> Bool {
    guard let bytes = try? folder.readBeginning(name, 1 << 16) else { return false }
    let head = bytes[0..<min(bytes.count, 1 << 16)]
    // UTF-16 has zeros before it is decoded; data that is no text has them still.
    guard let text = try? TextFile(guessing: head, from: name, encoding: nil),
      text.bytes.firstIndex(of: 0) == nil
    else { return false }
    let first = text.bytes.lines.lazy.map { text.bytes[$0].text }.first {
      !$0.isWhiteSpace
    }
    return first.map { line in
      line.hasPrefix("{") || line.contains { [",", ";", "\t", "|"].contains($0) }
    } ?? false
  }
}
