import Diagnostics
import Files

/// The tables of a folder by what they hold: pairs, with the splits that their files are named
/// after; documents; queries.
struct TableFolder {
  private let files: CollectionFiles
  private(set) var pairs: [(table: TableFile, split: String?)] = []
  private(set) var documents: [TableFile] = []
  private(set) var queries: [TableFile] = []
  /// Files of judgments without headings, by split.
  private(set) var qrels: [String: String] = [:]

  /// The most tables of a folder that are read.
  private static let most = 64

  /// Reads the headings of a folder's tables; nil if there is none. Files that are no tables, or of
  /// which it is not known what they hold, are passed over.
  init?(_ files: CollectionFiles, _ form: CollectionForm) {
    self.files = files
    // Tables lie side by side; below are other things.
    let names = files.tableNames.filter {
      !$0.contains("/") || $0.hasPrefix("qrels/")
    }
    var unlabelled: [(table: TableFile, split: String?)] = []
    for name in names.prefix(Self.most) {
      guard let text = try? files.readText(name, form) else { continue }
      guard let table = try? TableFile(text),
        let roles = try? TableRoles(table.columns, form.columns, arePresent: true)
      else {
        if let split = Self.qrelsSplit(name) { qrels[split] = name }
        continue
      }
      if roles.areQueries {
        queries.append(table)
      } else if roles.areDocuments {
        documents.append(table)
      } else if roles.areJudged {
        pairs.append((table, Self.split(name)))
      } else if roles.arePairs {
        unlabelled.append((table, Self.split(name)))
      } else if let split = Self.qrelsSplit(name) {
        qrels[split] = name
      }
    }
    if pairs.isEmpty, documents.isEmpty || (queries.isEmpty && qrels.isEmpty) { return nil }
    // Pairs without labels, as of a test split that is kept secret, still are documents.
    if !pairs.isEmpty { pairs += unlabelled }
    // A table with a column of splits needs no names.
    if pairs.count == 1, Self.genericNames.contains(pairs[0].split ?? "") { pairs[0].split = nil }
  }

  private static let genericNames: Set<String> = [
    "qrels", "labels", "label", "data", "all", "examples", "pairs", "judgments", "judgements",
  ]

  /// The split of a file of judgments without headings, which its name or its folder tells.
  private static func qrelsSplit(_ name: String) -> String? {
    guard name.lowercased().contains("qrels") else { return nil }
    let split = split(name)
    return split.map { $0 == "qrels" ? Collection.unnamedSplitName : $0 }
  }

  /// The split that a file is named after: `qrels/dev.tsv` and `qrels.dev.jsonl` are dev.
  private static func split(_ name: String) -> String? {
    let file = name.split(separator: "/").last.map(String.init) ?? name
    var parts = file.split { ".-_".contains($0) }.map(String.init)
    while let last = parts.last?.lowercased(),
      ["gz", "zst", "xz", "bz2", "csv", "tsv", "tab", "txt", "jsonl", "ndjson"].contains(last)
    {
      parts.removeLast()
    }
    let known = ["train", "training", "dev", "validation", "valid", "val", "test", "eval"]
    return parts.first { known.contains($0.lowercased()) } ?? parts.joined(separator: "-")
  }

  /// The collection of the tables.
  ///
  /// - Throws: the errors of `TableCollection`.
  func opened(_ form: CollectionForm) throws(Failure) -> Collection {
    if pairs.isEmpty {
      let texts = try TextTable(documents, isQuery: false, form.columns)
      let queries = queries.isEmpty ? nil : try TextTable(queries, isQuery: true)
      return Collection(
        files, layout: "tables", documents: texts.index,
        queries: queries?.index ?? .empty(files.path),
        splits: qrels.mapValues { files.qrels($0, form) }, form: form,
        document: { record, place throws(Failure) in
          let parts = try texts.parts(record, place)
          return Document(id: record.id, title: parts.title, text: parts.text)
        },
        query: { record, place throws(Failure) in
          Query(id: record.id, text: try queries?.text(record, place) ?? "")
        })
    }
    if documents.count > 1 {
      throw Failure(
        .badData,
        "the folder has several tables of documents beside the judged pairs: "
          + documents.map(\.path).joined(separator: ", "), at: Place(files.path),
        expected: "one table with the texts of all documents",
        remedy: "join them into one file, or move what is not of this collection elsewhere")
    }
    var collection = try TableCollection(files, form, pairs: pairs, documents: documents.first)
    return try collection.opened(queries: queries)
  }
}
