public import Corpora
public import Diagnostics
import Files
public import Options
import Splits

/// Receives the texts of queries and documents, each once, in the order of their numbers: the first
/// query has number 0, and so has the first document. Tokenizers conform to it.
public protocol TextReceiver {
  /// Receives the next query.
  func append(query: String)
  /// Receives the next document.
  func append(document: String)
}

/// Reads the documents and queries that training and evaluation need, numbers them, and passes each
/// text to a receiver once, even if it occurs in several splits.
public struct TextLibrary {
  private let receiver: any TextReceiver
  private var queryCount = 0
  /// The ids of documents by number.
  public private(set) var documentIDs: [String] = []
  private var documents: [String: Int] = [:]
  private var collections: [String: Collection] = [:]
  /// The split for which each collection without splits was named.
  private var unsplit: [String: String] = [:]
  /// The splits that were divided, by collection and shares.
  private var divisions: [String: Division] = [:]
  /// The encoding faults of the files read, except those already reported.
  private var textFaults: [TextFaults] = []
  /// The counts of texts that are in no collection.
  package var textCounts: [TextCount] = []

  /// The counts of empty texts among those read so far, by file.
  public var emptyTexts: [EmptyTexts] {
    collections.sorted { $0.key < $1.key }.flatMap { $0.value.emptyTexts }
      + textCounts.compactMap(\.emptyTexts)
  }

  /// An empty library; `receiver` receives the texts.
  public init(_ receiver: any TextReceiver) { self.receiver = receiver }

  /// The collection at `path`, opened only once.
  public mutating func collection(
    _ path: String, _ form: CollectionForm
  ) throws(Failure) -> Collection {
    let key = Self.key(path, form)
    if let known = collections[key] { return known }
    let opened = try Collection(opening: path, as: form)
    opened.textFaults.forEach { note($0) }
    collections[key] = opened
    return opened
  }

  /// Reads a run that refers to the texts.
  package mutating func run(_ path: String) throws(Failure) -> Run {
    let run = try Run(opening: path)
    note(run.textFaults)
    return run
  }

  /// Notes that the judgments of a collection without splits are those of a split.
  ///
  /// - Throws: `badData` if they already are those of another: a model must not be measured on what
  ///   it has learned.
  private mutating func claim(
    _ split: String, of collection: Collection, _ form: CollectionForm
  ) throws(Failure) {
    let earlier = unsplit.updateValue(split, forKey: Self.key(collection.path, form))
    guard let earlier, earlier != split else { return }
    throw Failure(
      .badData, "the table has no splits, and is named for '\(earlier)' and for '\(split)'",
      at: Place(collection.path), expected: "a table for each split, or a column of splits",
      remedy: "name the column with columns: { split: NAME }, or name another file for '\(split)'")
  }

  /// Stores the encoding faults of a file until they are reported.
  mutating func note(_ faults: TextFaults) {
    if !faults.isEmpty, !textFaults.contains(faults) { textFaults.append(faults) }
  }

  /// The warnings about the encoding faults of the files read since the last call.
  package mutating func takeWarnings() -> [String] {
    defer { textFaults = [] }
    return textFaults.flatMap(\.warnings)
  }

  /// The number of a document, which is read on the first request.
  public mutating func document(_ id: String, of collection: Collection) throws(Failure) -> Int {
    let key = key(id, of: collection)
    if let number = documents[key] { return number }
    let number = append(document: try collection.document(id: id).content, id: id)
    documents[key] = number
    return number
  }

  private func key(_ id: String, of collection: Collection) -> String {
    Self.key(collection.path, collection.form) + "\0" + id
  }

  /// The same files read in different forms give different collections.
  private static func key(_ path: String, _ form: CollectionForm) -> String {
    path + "\0" + form.key
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

  /// The judgments of a source: those of a split, or of a part of one that is divided.
  private mutating func judgments(
    of source: TrainingSource, in collection: Collection, _ form: CollectionForm,
    report: (String) -> Void
  ) throws(Failure) -> Judgments {
    guard let shares = source.shares, let part = source.part else {
      if collection.isUnsplit { try claim(source.split, of: collection, form) }
      return try collection.judgments(split: source.split)
    }
    let key = Self.key(collection.path, form) + "\0\(shares)"
    let division: Division
    if let known = divisions[key] {
      division = known
    } else {
      division = try Division(of: collection, shares)
      divisions[key] = division
      report("\(source.collection): \(division.summary)")
    }
    return division.judgments(of: part)
  }

  /// The run with a split's candidates; a missing one may not have been made yet.
  private mutating func candidates(_ path: String, split: String) throws(Failure) -> Run {
    do throws(Failure) {
      return try run(path)
    } catch  where error.kind == .missingInput && error.remedy == nil {
      var failure = error
      failure.remedy =
        "create the run with 'ltr index search --split \(split)', or name an existing run"
      throw failure
    }
  }

  /// The judged queries of a source, with their documents.
  ///
  /// - Throws: `Failure` if a file is missing or wrong, or nothing resolves.
  public mutating func queries(
    of source: TrainingSource, report: (String) -> Void
  ) throws(Failure) -> [JudgedQuery] {
    let form = try source.form
    let collection = try collection(source.collection, form)
    let judgments = try judgments(of: source, in: collection, form, report: report)
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
