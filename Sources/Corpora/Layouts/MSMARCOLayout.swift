import Diagnostics
import Files

extension CollectionLayout {
  /// MS MARCO (Bajaj et al. 2016, "MS MARCO: A Human Generated MAchine Reading COmprehension
  /// Dataset"), passages and documents: tab-separated files without headings, whose texts may hold
  /// quotes.
  static let msmarco = CollectionLayout(
    name: "MS MARCO",
    files: "collection.tsv (or msmarco-docs.tsv), queries.<split>.tsv and qrels.<split>.tsv",
    landmark: "collection.tsv",
    recognises: { files, _ in files.only == nil && files.msmarcoCorpus != nil },
    contents: { files, judgments in
      [files.msmarcoCorpus].compactMap { $0 } + files.msmarcoFiles("queries").values.sorted()
        + judgments.names(files.msmarcoFiles("qrels"))
    },
    open: { files, form throws(Failure) in
      guard let corpus = files.msmarcoCorpus else {
        preconditionFailure("the files have another layout")
      }
      var builder = RecordIndex.Builder()
      let width = try builder.add(files, corpus, form, widths: [2, 4])
      let documents = builder.finished(files.folder.path(of: corpus))
      builder = RecordIndex.Builder()
      let queryFiles = files.msmarcoFiles("queries").values.sorted()
      for name in queryFiles { _ = try builder.add(files, name, form, widths: [2]) }
      let queries = builder.finished(
        queryFiles.first.map(files.folder.path(of:)) ?? files.path)
      return Collection(
        files, layout: "MS MARCO", documents: documents, queries: queries,
        splits: files.msmarcoFiles("qrels").mapValues { files.qrels($0, form) }, form: form,
        document: { record, _ throws(Failure) in
          let fields = record.tabbedFields
          return width == 4
            ? Document(id: record.id, title: fields[2], text: fields[3])
            : Document(id: record.id, text: fields[1])
        },
        query: { record, _ throws(Failure) in Query(id: record.id, text: record.tabbedFields[1]) })
    },
    survey: { files, form, collector in
      for (names, widths) in [
        ([files.msmarcoCorpus].compactMap { $0 }, [2, 4]),
        (files.msmarcoFiles("queries").values.sorted(), [2]),
      ] {
        collector.collect { (collector) throws(Failure) in
          var builder = RecordIndex.Builder()
          for name in names {
            _ = try builder.add(files, name, form, widths: widths) { (failure) throws(Failure) in
              try collector.add(failure)
            }
          }
        }
      }
      for name in files.msmarcoFiles("qrels").values.sorted() {
        files.surveyQrels(name, form, &collector)
      }
    })
}

extension RecordIndex.Record {
  /// The fields between tabs of its first line.
  fileprivate var tabbedFields: [String] {
    let line = bytes.firstLine
    return Fields.betweenTabs(line).map { line[$0].text }
  }
}

extension RecordIndex.Builder {
  /// Adds the lines of a file without headings, whose first column is the id; returns the number of
  /// columns, which is that of the first line. A line that is in an earlier file as well is passed
  /// over: MS MARCO's `queries.dev.small.tsv` is a part of `queries.dev.tsv`.
  ///
  /// - Parameter onFailure: receives what is wrong; if it does not throw, the line is passed over.
  /// - Throws: `badData` with file and line if a line is too long or has other columns, or if an id is
  ///   empty, twice in the file, or in an earlier file with another text.
  mutating func add(
    _ files: CollectionFiles, _ name: String, _ form: CollectionForm, widths: [Int],
    onFailure: OnFailure = endsReading
  ) throws(Failure) -> Int {
    let file = try files.folder.readText(name, encoding: form.encoding)
    let (bytes, path) = (file.bytes, file.path)
    var faults = file.faults
    faults.scan(bytes)
    note(faults)
    begin(path, bytes)
    let first = count
    var (lineNumber, width, released) = (0, 0, 0)
    for range in bytes.lines {
      lineNumber += 1
      let line = bytes[range]
      if line.isBlank { continue }
      let place = Place(path, line: lineNumber)
      try DelimitedReader.requireLength(line, at: place)
      let fields = Fields.betweenTabs(line)
      if width == 0, widths.contains(fields.count) { width = fields.count }
      guard fields.count == width else {
        try onFailure(
          Failure(
            .badData, "the line '\(excerpt(line.text))' has \(counted(fields.count, "column"))",
            at: place,
            expected: (width == 0 ? widths.map(String.init).joined(separator: " or ") : "\(width)")
              + " columns separated by tabs: " + (width == 4 ? "id, URL, title, text" : "id, text"),
            remedy: "remove tabs and line ends from the texts, or the line"))
        continue
      }
      guard !fields[0].isEmpty else {
        try onFailure(
          Failure(
            .badData, "the id is empty", at: place, expected: "an id in the first column",
            remedy: "add the id, or remove the line"))
        continue
      }
      let id = line[fields[0]]
      let former = id.withSpan { insert($0, at: range.lowerBound) }
      if let former, former >= first || record(at: former).bytes.firstLine.array != line.array {
        try onFailure(duplicate(former, at: place, key: nil))
      }
      if range.upperBound - released > 16 << 20 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
    }
    return width
  }
}

extension CollectionFiles {
  /// The file of the passages or documents.
  fileprivate var msmarcoCorpus: String? {
    ["collection.tsv", "msmarco-docs.tsv", "fulldocs.tsv"].lazy
      .flatMap { [$0, $0 + ".gz"] }.first(where: folder.contains)
  }

  /// The files of queries or judgments by split: `qrels.dev.small.tsv` and
  /// `msmarco-docdev-qrels.tsv`.
  fileprivate func msmarcoFiles(_ kind: String) -> [String: String] {
    var found: [String: String] = [:]
    for name in names where !name.contains("/") {
      var stem = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      guard stem.hasSuffix(".tsv") || stem.hasSuffix(".txt") else { continue }
      stem.removeLast(4)
      var split: String?
      if stem.hasPrefix(kind + ".") { split = String(stem.dropFirst(kind.count + 1)) }
      if stem.hasPrefix("msmarco-doc"), stem.hasSuffix("-" + kind) {
        split = String(stem.dropFirst("msmarco-doc".count).dropLast(kind.count + 1))
      }
      // A plain file takes precedence over a compressed one of the same name.
      if let split, found[split] == nil { found[split] = name }
    }
    return found
  }
}
