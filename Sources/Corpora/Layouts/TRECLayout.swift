import Diagnostics
import Files

extension CollectionLayout {
  /// TREC: documents in SGML (several files, also in folders below) or JSON Lines (`id` and
  /// `contents`, as Pyserini reads them), topics old and new or as a table without headings, and
  /// qrels.
  static let trec = CollectionLayout(
    name: "TREC",
    files: "files of <DOC> or of JSON Lines with id and contents, topics and qrels",
    landmark: nil,
    recognises: { files, _ in files.only == nil && TRECFolder(files, most: 200).isCollection },
    contents: { files, judgments in
      let folder = TRECFolder(files)
      let named = judgments.names(folder.qrels)
      let qrels = named.isEmpty ? [folder.unnamedQrels].compactMap { $0 } : named
      return folder.documents + folder.tables + folder.topics + folder.queries + qrels
    },
    open: { files, form throws(Failure) in try TRECFolder(files).opened(files, form) })
}

/// The files of a folder by what they hold.
private struct TRECFolder {
  /// Files of `<DOC>`.
  var documents: [String] = []
  /// JSON Lines of documents.
  var tables: [String] = []
  /// Files of `<top>` or `<topic>`.
  var topics: [String] = []
  /// Queries as id, tab and text.
  var queries: [String] = []
  /// Judgments by split.
  var qrels: [String: String] = [:]
  /// The only file of judgments, if its name has no split in it.
  var unnamedQrels: String?

  /// Looks at the beginning of at most `most` files.
  init(_ files: CollectionFiles, most: Int = .max) {
    var looked = 0
    for name in files.names {
      if documents.isEmpty || most == .max, looked >= most { break }
      looked += 1
      guard let head = files.head(name) else { continue }
      let text = head.text
      if head.nextTag(Array("doc".utf8), from: 0) != nil,
        head.nextTag(Array("docno".utf8), from: 0) != nil
      {
        documents.append(name)
        if most != .max { break }
      } else if ["top", "topic"].contains(where: { head.nextTag(Array($0.utf8), from: 0) != nil }) {
        topics.append(name)
      } else {
        classify(name, text)
      }
    }
  }

  private mutating func classify(_ name: String, _ head: String) {
    let lines = head.split(whereSeparator: \.isNewline).prefix(3)
    guard let first = lines.first else { return }
    if first.hasPrefix("{") {
      if let table = try? TableFile(TextFile(Bytes(Array((first + "\n").utf8)), from: name)),
        let roles = try? TableRoles(table.columns, TableColumns()), roles.areDocuments
      {
        tables.append(name)
      }
      return
    }
    func words(_ line: Substring) -> [Substring] { line.split(whereSeparator: \.isWhitespace) }
    func fields(_ line: Substring) -> Int {
      line.split(separator: "\t", omittingEmptySubsequences: false).count
    }
    if words(first).last.flatMap({ Int($0) }) != nil, lines.allSatisfy({ words($0).count == 4 }) {
      if let split = Self.split(name) {
        qrels[split] = name
      } else {
        unnamedQrels = unnamedQrels ?? name
      }
    } else if lines.allSatisfy({ fields($0) == 2 }) {
      queries.append(name)
    }
  }

  /// The split in a name such as `qrels.robust04.test.txt`; nil if nothing but `qrels` is in it.
  private static func split(_ name: String) -> String? {
    let file = name.split(separator: "/").last.map(String.init) ?? name
    let left = file.split { ".-_".contains($0) }.map(String.init).filter {
      !["qrels", "qrel", "txt", "tsv", "gz", "trec"].contains($0.lowercased())
    }
    return left.first { ["train", "dev", "test", "validation"].contains($0.lowercased()) }
      ?? (left.isEmpty ? nil : left.joined(separator: "-"))
  }

  /// Whether there are documents, and topics with them where the documents are JSON.
  var isCollection: Bool { !documents.isEmpty || (!tables.isEmpty && !topics.isEmpty) }

  /// Memory for decompressed documents, beyond which they are kept in temporary files.
  private static let mostInMemory = 64 << 20

  func opened(
    _ files: CollectionFiles, _ form: CollectionForm
  ) throws(Failure) -> Collection {
    var builder = RecordIndex.Builder()
    var texts: TextTable?
    var total = 0
    for name in documents {
      var file = try files.readText(name, form)
      if file.bytes.count > 0, try files.folder.read(name).count != file.bytes.count {
        total += file.bytes.count
        if total > Self.mostInMemory { file = try file.movedToDisk() }
      }
      try builder.add(trecDocuments: file)
    }
    if documents.isEmpty {
      var found: [TableFile] = []
      for name in tables {
        if let table = try TableFile(files.readText(name, form)) { found.append(table) }
      }
      texts = try TextTable(found, isQuery: false)
    }
    let index =
      texts?.index
      ?? builder.finished(documents.first.map(files.folder.path(of:)) ?? files.path)
    builder = RecordIndex.Builder()
    for name in topics { try builder.add(trecTopics: files.readText(name, form)) }
    for name in queries { _ = try builder.add(files, name, form, widths: [2]) }
    let topicCount = topics.count
    let source = (topics + queries).first.map(files.folder.path(of:)) ?? files.path
    let tables = texts
    return Collection(
      files, layout: "TREC", documents: index, queries: builder.finished(source),
      splits: qrels.mapValues { files.qrels($0, form) },
      unnamed: qrels.isEmpty ? unnamedQrels.map { files.qrels($0, form) } : nil, form: form,
      document: { record, place throws(Failure) in
        guard let tables else { return TRECDocument.document(record.id, record.bytes) }
        let parts = try tables.parts(record, place)
        return Document(id: record.id, title: parts.title, text: parts.text)
      },
      query: { record, _ throws(Failure) in
        let text = record.bytes.text
        if record.part < topicCount { return Query(id: record.id, text: TRECTopic(text).query) }
        let line = text.split(separator: "\n").first ?? ""
        let words = line.split(separator: "\t", maxSplits: 1).last.map(String.init) ?? ""
        return Query(id: record.id, text: trimmed(words))
      })
  }
}

extension CollectionFiles {
  /// The beginning of a file that is text; nil for others.
  fileprivate func head(_ name: String) -> Bytes? {
    // A pipe or a device in a folder would be waited for.
    guard folder.isInArchive || fileKind(at: folder.path(of: name)) == .file,
      let bytes = try? folder.readBeginning(name, 1 << 14)
    else { return nil }
    let head = bytes[0..<min(bytes.count, 1 << 14)]
    guard let text = try? TextFile(head, from: name), text.bytes.firstIndex(of: 0) == nil else {
      return nil
    }
    return text.bytes
  }
}
