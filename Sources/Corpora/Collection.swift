public import Diagnostics
public import Files

/// Documents, queries and the judgments of their splits, opened from a folder or an archive.
///
/// Opening reads the corpus once to find the ids; documents are read on demand. Memory grows with
/// the number of ids (about 25 bytes plus the id itself), not with the texts.
public struct Collection: Sendable {
  /// Decodes one record; the place is for messages.
  typealias Reader<Content> =
    @Sendable (RecordIndex.Record, () -> Place) throws(Failure) -> Content
  /// Reads the judgments of a split.
  typealias SplitReader = @Sendable () throws(Failure) -> Judgments

  /// The folder of the collection, or of its only file.
  public let folder: Folder
  /// The path of the folder, or of the only file.
  public let path: String
  /// The name of the layout by which it was recognised.
  public let layout: String
  private let documents: RecordIndex
  private let queries: RecordIndex
  private let splitReaders: [String: SplitReader]
  /// Reads the judgments of a collection that has no splits.
  private let unnamedSplit: SplitReader?
  /// The form in which its files were read.
  package let form: CollectionForm
  private let readDocument: Reader<Document>
  private let readQuery: Reader<Query>
  /// The records read so far; copies of the collection share the count.
  private let documentTally: RecordTally
  private let queryTally: RecordTally

  init(
    _ files: CollectionFiles, layout: String, documents: RecordIndex, queries: RecordIndex,
    splits: [String: SplitReader], unnamed: SplitReader? = nil, form: CollectionForm,
    document: @escaping Reader<Document>, query: @escaping Reader<Query>
  ) {
    folder = files.folder
    path = files.path
    self.layout = layout
    self.documents = documents
    self.queries = queries
    splitReaders = splits
    unnamedSplit = unnamed
    self.form = form
    readDocument = document
    readQuery = query
    documentTally = RecordTally("documents", documents)
    queryTally = RecordTally("queries", queries)
  }

  /// Opens the collection in a folder, in a file, or at any depth in an archive; see
  /// `CollectionLayout`.
  ///
  /// - Parameter form: how its files are to be read, where they do not tell by themselves.
  /// - Throws: `missingInput` if nothing is at `path` or it has no collection; `badData` if an
  ///   archive has several, and with file and line if an id is missing or duplicate, or a line is
  ///   malformed.
  public init(opening path: String, as form: CollectionForm) throws(Failure) {
    let (files, layout) = try CollectionFiles.find(path, form)
    self = try layout.open(files, form)
  }

  /// Opens a collection, like `init(opening:as:)`.
  ///
  /// - Parameter encoding: the encoding of its files; nil detects it, as `TextFile` does.
  public init(opening path: String, encoding: TextEncoding? = nil) throws(Failure) {
    try self.init(opening: path, as: CollectionForm(encoding: encoding))
  }

  /// The files of the collection at `path`, as names in its folder: its documents and queries, and
  /// the judgments of `split` if one is given. None of them is read to its end.
  ///
  /// - Throws: the errors of `init(opening:as:)`, except those of reading the files.
  public static func files(
    of path: String, split: String? = nil
  ) throws(Failure) -> (folder: Folder, names: [String]) {
    try files(of: path, judgments: split.map { .split($0) } ?? .none)
  }

  /// The files of the collection at `path`, like `files(of:split:)`, with some of its judgments.
  public static func files(
    of path: String, judgments: JudgmentFiles
  ) throws(Failure) -> (folder: Folder, names: [String]) {
    let (files, layout) = try CollectionFiles.find(path, nil)
    return (files.folder, layout.contents(files, judgments))
  }

  /// The number of documents.
  public var documentCount: Int { documents.count }

  /// The number of queries, judged or not.
  public var queryCount: Int { queries.count }

  /// The encoding faults of the documents and of the queries.
  public var textFaults: [TextFaults] {
    var all = documents.textFaults
    // Documents and queries may come from the same file.
    for faults in queries.textFaults where !all.contains(faults) { all.append(faults) }
    return all
  }

  /// The documents and queries without text among those read so far, by any copy of the collection.
  /// A document with only a title counts as having text.
  public var emptyTexts: [EmptyTexts] {
    [documentTally, queryTally].compactMap(\.emptyTexts)
  }

  /// The documents and queries read so far, whether or not any is empty.
  package var readTexts: [EmptyTexts] { [documentTally.texts, queryTally.texts] }

  /// The id of the document with this index in the corpus, from 0. O(1).
  public func documentID(at index: Int) -> String { documents.identifier(at: index) }

  /// The id of the query with this index in its file, from 0. O(1).
  public func queryID(at index: Int) -> String { queries.identifier(at: index) }

  /// The index of a document in the corpus, from 0; nil if no document has the id. O(1).
  public func documentIndex(of id: String) -> Int? { documents.ordinal(of: id) }

  /// The index of a query in its file, from 0; nil if no query has the id. O(1).
  public func queryIndex(of id: String) -> Int? { queries.ordinal(of: id) }

  /// Reads the document with this index in the corpus.
  ///
  /// - Throws: `badData` with file and line if it is malformed.
  public func document(at index: Int) throws(Failure) -> Document {
    defer { documents.release(from: index, through: index) }
    return try parsedDocument(at: index)
  }

  private func parsedDocument(at index: Int) throws(Failure) -> Document {
    let document = try readDocument(documents.record(at: index)) { documents.place(of: index) }
    documentTally.add(
      index, isEmpty: document.title.isWhiteSpace && document.text.isWhiteSpace)
    return document
  }

  /// Reads the query with this index in its file.
  ///
  /// - Throws: `badData` with file and line if it is malformed.
  public func query(at index: Int) throws(Failure) -> Query {
    let query = try readQuery(queries.record(at: index)) { queries.place(of: index) }
    queryTally.add(index, isEmpty: query.text.isWhiteSpace)
    return query
  }

  /// Reads the document with an id.
  ///
  /// - Throws: `badData` if no document has the id, or, with file and line, if it is malformed.
  public func document(id: String) throws(Failure) -> Document {
    guard let index = documentIndex(of: id) else {
      throw Failure(.badData, "the corpus has no document '\(id)'", at: Place(documents.path))
    }
    return try document(at: index)
  }

  /// Reads the query with an id.
  ///
  /// - Throws: `badData` if no query has the id, or, with file and line, if it is malformed.
  public func query(id: String) throws(Failure) -> Query {
    guard let index = queryIndex(of: id) else {
      throw Failure(.badData, "the collection has no query '\(id)'", at: Place(queries.path))
    }
    return try query(at: index)
  }

  /// Reads all documents in corpus order, without holding the corpus in memory.
  ///
  /// - Throws: `badData` with file and line at the first malformed document, and the errors of
  ///   `body`.
  public func forEachDocument(
    _ body: (Document) throws(Failure) -> Void
  ) throws(Failure) {
    var released = 0
    for index in 0..<documentCount {
      try body(parsedDocument(at: index))
      if index - released == 10_000 || index == documentCount - 1 {
        documents.release(from: released, through: index)
        released = index
      }
    }
  }

  /// The name of the only split of a collection that has judgments without splits.
  public static let unnamedSplitName = "all"

  /// The names of the splits with judgments, sorted; `all` if there are judgments without splits.
  public var splits: [String] {
    splitReaders.isEmpty && isUnsplit ? [Collection.unnamedSplitName] : splitReaders.keys.sorted()
  }

  /// Whether there are judgments without splits: they are those of whatever split is asked for.
  public var isUnsplit: Bool { unnamedSplit != nil }

  /// Reads the judgments of a split.
  ///
  /// - Throws: `missingInput` with the existing splits if the split does not exist; the errors of
  ///   `Judgments.init(reading:from:)`.
  public func judgments(split: String) throws(Failure) -> Judgments {
    guard let read = splitReaders[split] ?? unnamedSplit else {
      let known = splits.map { "'\($0)'" }.joined(separator: ", ")
      throw Failure(
        .missingInput, "the collection has no split '\(split)'", at: Place(path),
        expected: known.isEmpty ? "a file of judgments for it" : "one of \(known)",
        remedy: nearest(to: split, in: splits).map { "write '\($0)'" })
    }
    var judgments = try read()
    judgments.textFaults.isOfCollection = true
    return judgments
  }
}
