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
  /// That files which are parts of one table have different columns.
  private var partMismatch: Failure?

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
    joinParts()
    // A table with a column of splits needs no names.
    if let name = pairs.first?.split, Self.genericNames.contains(name),
      pairs.allSatisfy({ $0.split == name })
    {
      for place in pairs.indices { pairs[place].split = nil }
    }
  }

  /// Takes numbered files for the parts of one table: `part-0.csv` and `part-1.csv` are the split
  /// `part`, as `train-0.csv` and `train-1.csv` are `train`.
  private mutating func joinParts() {
    let stems = pairs.map { Self.words($0.table.path).withoutNumbers }
    for stem in Set(stems).sorted() where !stem.isEmpty {
      let places = stems.indices.filter { stems[$0] == stem }
      guard places.count > 1 else { continue }
      for place in places {
        let split = pairs[place].split ?? ""
        if !Self.splitNames.contains(split.lowercased()) { pairs[place].split = stem }
      }
      let tables = places.map { pairs[$0].table }
      let other = tables.first { Set($0.columns) != Set(tables[0].columns) }
      guard partMismatch == nil, let other else { continue }
      partMismatch = Failure(
        .badData,
        "the files are parts of one table by their names, and have different columns: "
          + "\(tables[0].path) has \(tables[0].columnList), and \(other.path) has "
          + "\(other.columnList)",
        at: Place(other.path, line: 1), expected: "the same headings in every part",
        remedy: "correct the headings, or give the files the names of their splits")
    }
  }

  private static let genericNames: Set<String> = [
    "qrels", "labels", "label", "data", "all", "examples", "pairs", "judgments", "judgements",
    "part",
    "shard", "chunk",
  ]

  /// The split of a file of judgments without headings, which its name or its folder tells.
  private static func qrelsSplit(_ name: String) -> String? {
    guard name.lowercased().contains("qrels") else { return nil }
    let split = split(name)
    return split.map { $0 == "qrels" ? Collection.unnamedSplitName : $0 }
  }

  private static let splitNames: Set<String> = [
    "train", "training", "dev", "validation", "valid", "val", "test", "eval",
  ]

  /// The words of a file's name, without its endings.
  private static func words(_ name: String) -> [String] {
    let file = name.split(separator: "/").last.map(String.init) ?? name
    var parts = file.split { ".-_".contains($0) }.map(String.init)
    while let last = parts.last?.lowercased(),
      ["gz", "zst", "xz", "bz2", "csv", "tsv", "tab", "txt", "jsonl", "ndjson"].contains(last)
    {
      parts.removeLast()
    }
    return parts
  }

  /// The split that a file is named after: `qrels/dev.tsv` and `qrels.dev.jsonl` are dev.
  private static func split(_ name: String) -> String? {
    let words = words(name)
    return words.first { splitNames.contains($0.lowercased()) } ?? words.joined(separator: "-")
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
    if let partMismatch { throw partMismatch }
    var collection = try TableCollection(files, form, pairs: pairs, documents: documents)
    return try collection.opened(queries: queries)
  }
}

extension [String] {
  /// The words of a name but for its numbers: `part-0` and `part-0-of-2` are `part`.
  fileprivate var withoutNumbers: String {
    let kept = indices.filter { place in
      let isNumber = self[place].allSatisfy(\.isNumber)
      let isOf = self[place] == "of" && place > 0 && self[place - 1].allSatisfy(\.isNumber)
      return !isNumber && !isOf
    }
    return kept.map { self[$0] }.joined(separator: "-")
  }
}
