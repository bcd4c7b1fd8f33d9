public import Corpora
public import Diagnostics
public import Files
public import Options

/// Takes the texts of queries and documents, each once, in the order of their numbers: the first
/// query is number 0, and so is the first document. A tokenizer is one.
public protocol TextReceiver {
  /// Takes the next query.
  func append(query: String)
  /// Takes the next document.
  func append(document: String)
}

/// Reads the documents and queries that training and evaluation need, numbers them, and hands the
/// text of each to a receiver, once, whatever the number of splits it occurs in.
public struct TextLibrary {
  private let receiver: any TextReceiver
  private var queryCount = 0
  /// The ids of documents by number.
  public private(set) var documentIDs: [String] = []
  private var documents: [String: Int] = [:]
  private var collections: [String: Collection] = [:]
  /// What is wrong with the characters of files that were read and that no warning has named yet.
  private var textFaults: [TextFaults] = []
  /// What was counted of texts that are in no collection.
  package var textCounts: [TextCount] = []

  /// Those of the texts read so far that are empty, by the file they are from.
  public var emptyTexts: [EmptyTexts] {
    collections.sorted { $0.key < $1.key }.flatMap { $0.value.emptyTexts }
      + textCounts.compactMap(\.emptyTexts)
  }

  /// No texts yet; `receiver` takes those to come.
  public init(_ receiver: any TextReceiver) { self.receiver = receiver }

  /// The collection at `path`, opened once.
  public mutating func collection(
    _ path: String, _ encoding: TextEncoding?
  ) throws(Failure) -> Collection {
    let key = Self.key(path, encoding)
    if let known = collections[key] { return known }
    let opened = try Collection(opening: path, encoding: encoding)
    opened.textFaults.forEach { note($0) }
    collections[key] = opened
    return opened
  }

  /// A run that is read beside the texts.
  package mutating func run(_ path: String) throws(Failure) -> Run {
    let run = try Run(opening: path)
    note(run.textFaults)
    return run
  }

  /// Keeps what is wrong with the characters of a file until it is told.
  mutating func note(_ faults: TextFaults) {
    if !faults.isEmpty, !textFaults.contains(faults) { textFaults.append(faults) }
  }

  /// What is wrong with the characters of the files read since the last call, a warning each.
  package mutating func takeWarnings() -> [String] {
    defer { textFaults = [] }
    return textFaults.flatMap(\.warnings)
  }

  /// The number of a document, which is read when it is first asked for.
  public mutating func document(_ id: String, of collection: Collection) throws(Failure) -> Int {
    let key = key(id, of: collection)
    if let number = documents[key] { return number }
    let number = append(document: try collection.document(id: id).content, id: id)
    documents[key] = number
    return number
  }

  private func key(_ id: String, of collection: Collection) -> String {
    Self.key(collection.folder.path, collection.encoding) + "\0" + id
  }

  /// Collections in one folder differ where they are read in different encodings.
  private static func key(_ path: String, _ encoding: TextEncoding?) -> String {
    path + "\0" + (encoding?.name ?? "")
  }

  /// Adds a document that is in no collection and returns its number.
  public mutating func append(document text: String) -> Int { append(document: text, id: "") }

  private mutating func append(document text: String, id: String) -> Int {
    receiver.append(document: text)
    documentIDs.append(id)
    return documentIDs.count - 1
  }

  /// Adds a query and returns its number.
  public mutating func append(query text: String) -> Int {
    receiver.append(query: text)
    queryCount += 1
    return queryCount - 1
  }

  /// The run with a split's candidates; one that is not there may not have been made yet.
  private mutating func candidates(_ path: String, split: String) throws(Failure) -> Run {
    do throws(Failure) {
      return try run(path)
    } catch  where error.kind == .missingInput && error.remedy == nil {
      var failure = error
      failure.remedy = "make it with 'ltr index search --split \(split)', or name the run you have"
      throw failure
    }
  }

  /// The queries of a source that are judged, with their documents.
  ///
  /// - Throws: `Failure` where a file is missing or wrong, or nothing resolves.
  public mutating func queries(
    of source: TrainingSource, report: (String) -> Void
  ) throws(Failure) -> [JudgedQuery] {
    let collection = try collection(
      source.collection, textEncoding(named: source.encoding))
    let judgments = try collection.judgments(split: source.split)
    note(judgments.textFaults)
    var run: Run?
    if let path = source.candidates { run = try candidates(path, split: source.split) }
    let resolution = Resolution(of: judgments, run, in: collection)
    if resolution.parts.contains(where: { $0.missing > 0 }) || resolution.withoutRelevant > 0 {
      report("split '\(source.split)' of \(source.collection):\n\(resolution)")
    }
    try resolution.requireQueries()
    let ignores = source.ignoresIdenticalIDs
    var copies = IdenticalIDs()
    var result: [JudgedQuery] = []
    for id in judgments.queries {
      guard let index = collection.queryIndex(of: id) else { continue }
      var judged: [(document: Int, grade: Double)] = []
      for judgment in judgments.judgments(of: id)
      where collection.documentIndex(of: judgment.document) != nil {
        judged.append((try document(judgment.document, of: collection), judgment.grade))
      }
      var candidates: [(document: Int, score: Double)] = []
      let hits = run?.documents(of: id) ?? []
      let used = (ignores ? hits.without(id: id) : hits).prefix(source.depth)
      for entry in used where collection.documentIndex(of: entry.document) != nil {
        candidates.append((try document(entry.document, of: collection), entry.score))
      }
      try copies.add(id, hits: used.lazy.map(\.document), in: collection)
      let query = append(query: try collection.query(at: index).text)
      result.append(JudgedQuery(id: id, query: query, judged: judged, candidates: candidates))
    }
    if let note = copies.note("candidates", option: "'ignore_identical_ids: true'") {
      report("split '\(source.split)' of \(source.collection): \(note)")
    }
    if ignores {
      for index in result.indices {
        result[index].identical = documents[key(result[index].id, of: collection)]
      }
    }
    return result
  }
}
