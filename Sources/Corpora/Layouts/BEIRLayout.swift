import Diagnostics
import Files

extension CollectionLayout {
  /// BEIR (Thakur et al. 2021, "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of
  /// Information Retrieval Models"): `corpus.jsonl`, `queries.jsonl`, `qrels/<split>.tsv`, each
  /// also with `.gz`. Queries and judgments may be missing.
  static let beir = CollectionLayout(
    name: "BEIR",
    files: "corpus.jsonl, queries.jsonl and qrels/<split>.tsv",
    landmark: "corpus.jsonl",
    recognises: { files, _ in files.only == nil && files.folder.present("corpus.jsonl") != nil },
    contents: { files, judgments in
      // A compressed file beside a plain one counts too: it is read if the plain one is removed.
      let qrels =
        switch judgments {
        case .none: [String]()
        case .split(let split): ["qrels/\(split).tsv"]
        case .all: splits(of: files.folder).keys.sorted().map { "qrels/\($0).tsv" }
        }
      let names = ["corpus.jsonl", "queries.jsonl"] + qrels
      return names.flatMap { [$0, $0 + ".gz"] }.filter(files.folder.contains)
    },
    open: { files, form throws(Failure) in
      let (folder, encoding) = (files.folder, form.encoding)
      let documents = try index("corpus.jsonl", in: folder, encoding)
      if documents.count == 0 {
        throw Failure(
          .badData, "the corpus holds no documents", at: Place(documents.path),
          expected: "a JSON object with the key \"_id\" on every line")
      }
      return Collection(
        files, layout: "BEIR", documents: documents,
        queries: try index("queries.jsonl", in: folder, encoding),
        splits: splits(of: folder).mapValues { files.qrels($0, form) }, form: form,
        document: { record, place throws(Failure) in
          let fields = try JSONRecord.parse(record.bytes, at: place)
          return Document(id: record.id, title: fields.title ?? "", text: fields.text ?? "")
        },
        query: { record, place throws(Failure) in
          Query(id: record.id, text: try JSONRecord.parse(record.bytes, at: place).text ?? "")
        })
    },
    survey: { files, form, collector in
      for name in ["corpus.jsonl", "queries.jsonl"] {
        guard let present = files.folder.present(name) else { continue }
        collector.collect { (collector) throws(Failure) in
          let file = try files.folder.readText(present, encoding: form.encoding)
          let index = try RecordIndex(jsonLines: file) { (failure) throws(Failure) in
            try collector.add(failure)
          }
          for ordinal in 0..<index.count {
            do throws(Failure) {
              // Behind the record may be lines that were passed over.
              let bytes = index.record(at: ordinal).bytes
              guard let line = bytes.lines.first(where: { _ in true }) else { continue }
              _ = try JSONRecord.parse(bytes[line]) { index.place(of: ordinal) }
            } catch {
              try collector.add(error)
            }
          }
        }
      }
      for name in splits(of: files.folder).values.sorted() {
        files.surveyQrels(name, form, &collector)
      }
    })

  private static func index(
    _ name: String, in folder: Folder, _ encoding: TextEncoding?
  ) throws(Failure) -> RecordIndex {
    guard let present = folder.present(name) else { return .empty(folder.path(of: name)) }
    return try RecordIndex(jsonLines: try folder.readText(present, encoding: encoding))
  }

  /// The files in `qrels` by split name.
  private static func splits(of folder: Folder) -> [String: String] {
    var splits: [String: String] = [:]
    for name in folder.subfolder("qrels").names() where !name.contains("/") {
      for ending in [".tsv", ".tsv.gz"] where name.hasSuffix(ending) {
        let split = String(name.dropLast(ending.count))
        // A plain file takes precedence over a compressed one of the same name, as for the corpus.
        if !split.isEmpty, splits[split] == nil { splits[split] = "qrels/" + name }
      }
    }
    return splits
  }
}

extension Folder {
  /// `name`, or else `name` with `.gz`; nil if neither exists.
  func present(_ name: String) -> String? {
    [name, name + ".gz"].first(where: contains)
  }
}
