public import Diagnostics
public import Files

/// Documents, queries and the judgments of their splits, opened from a folder or an archive.
///
/// Opening reads the corpus once to find the ids; documents are read on demand. Memory grows with
/// the number of ids (about 25 bytes plus the id itself), not with the texts.
public struct Collection: Sendable {
  /// Decodes one record from its id and bytes; the place is for messages.
  typealias Reader<Record> =
    @Sendable (String, Bytes, () -> Place) throws(Failure) -> Record

  /// The folder of the collection.
  public let folder: Folder
  /// The name of the layout by which it was recognised.
  public let layout: String
  private let documents: RecordIndex
  private let queries: RecordIndex
  private let splitFiles: [String: String]
  /// The encoding with which its files were opened.
  package let encoding: TextEncoding?
  private let readDocument: Reader<Document>
  private let readQuery: Reader<Query>
  /// The records read so far; copies of the collection share the count.
  private let documentTally: RecordTally
  private let queryTally: RecordTally

  init(
    folder: Folder, layout: String, documents: RecordIndex, queries: RecordIndex,
    splitFiles: [String: String], encoding: TextEncoding?, document: @escaping Reader<Document>,
    query: @escaping Reader<Query>
  ) {
    self.folder = folder
    self.layout = layout
    self.documents = documents
    self.queries = queries
    self.splitFiles = splitFiles
    self.encoding = encoding
    readDocument = document
    readQuery = query
    documentTally = RecordTally("documents", documents)
    queryTally = RecordTally("queries", queries)
  }

  /// Opens the collection in a folder, or at any depth in an archive; see `CollectionLayout`.
  ///
  /// - Parameter encoding: the encoding of its files; nil detects it, as `TextFile` does.
  /// - Throws: `missingInput` if nothing is at `path` or it has no collection; `badData` if an
  ///   archive has several, and with file and line if an id is missing or duplicate, or a line is
  ///   malformed.
  public init(opening path: String, encoding: TextEncoding? = nil) throws(Failure) {
    let (folder, layout) = try Collection.find(in: Folder(opening: path))
    self = try layout.open(folder, encoding)
  }

  /// The files of the collection at `path`, as names in its folder: its documents and queries, and
  /// the judgments of `split` if one is given. None of them is read.
  ///
  /// - Throws: the errors of `init(opening:encoding:)`, except those of reading the files.
  public static func files(
    of path: String, split: String? = nil
  ) throws(Failure) -> (folder: Folder, names: [String]) {
    let (folder, layout) = try find(in: Folder(opening: path))
    return (folder, layout.contents(folder, split))
  }

  private static func find(
    in top: Folder
  ) throws(Failure) -> (folder: Folder, layout: CollectionLayout) {
    for layout in CollectionLayout.layouts where layout.recognises(top) { return (top, layout) }
    let below = CollectionLayout.layouts.flatMap { layout in
      top.outermost(holding: layout.landmark, layout.landmark + ".gz")
        .filter(layout.recognises).map { (folder: $0, layout: layout) }
    }
    // A folder on disk may hold many collections, and the user has to choose one; an archive
    // usually holds one, in a folder named after it.
    if top.isInArchive, let only = try top.only(below.map(\.folder), "collection"),
      let found = below.first(where: { $0.folder.path == only.path })
    {
      return found
    }
    let known = CollectionLayout.layouts.map { "\($0.name): \($0.files)" }
    throw Failure(
      .missingInput, "this \(top.isInArchive ? "archive" : "folder") contains no collection",
      at: Place(top.path), expected: known.joined(separator: "; or "),
      remedy: below.first.map {
        (below.count == 1
          ? "name the collection" : "name one of its \(below.count) collections, such as")
          + " '\($0.folder.path)'"
      })
  }

  /// The number of documents.
  public var documentCount: Int { documents.count }

  /// The number of queries, judged or not.
  public var queryCount: Int { queries.count }

  /// The encoding faults of the documents and of the queries.
  public var textFaults: [TextFaults] {
    [documents.textFaults, queries.textFaults].filter { !$0.isEmpty }
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
    let document = try readDocument(
      documents.identifier(at: index), documents.record(at: index)
    ) { documents.place(of: index) }
    documentTally.add(
      index, isEmpty: document.title.isWhiteSpace && document.text.isWhiteSpace)
    return document
  }

  /// Reads the query with this index in its file.
  ///
  /// - Throws: `badData` with file and line if it is malformed.
  public func query(at index: Int) throws(Failure) -> Query {
    let query = try readQuery(queries.identifier(at: index), queries.record(at: index)) {
      queries.place(of: index)
    }
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

  /// The names of the splits with judgments, sorted.
  public var splits: [String] { splitFiles.keys.sorted() }

  /// Reads the judgments of a split.
  ///
  /// - Throws: `missingInput` with the existing splits if the split does not exist; the errors of
  ///   `Judgments.init(reading:from:)`.
  public func judgments(split: String) throws(Failure) -> Judgments {
    guard let name = splitFiles[split] else {
      let known = splits.map { "'\($0)'" }.joined(separator: ", ")
      throw Failure(
        .missingInput, "the collection has no split '\(split)'", at: Place(folder.path),
        expected: known.isEmpty ? "a file of judgments for it" : "one of \(known)",
        remedy: nearest(to: split, in: splits).map { "write '\($0)'" })
    }
    var judgments = try Judgments(folder.readText(name, encoding: encoding))
    judgments.textFaults.isOfCollection = true
    return judgments
  }
}
