public import Diagnostics
public import Files

/// Documents, queries and the splits of their judgments, opened from a folder or an archive.
///
/// Opening reads the corpus once to find the ids; after that a document is read when it is asked
/// for. Memory grows with the ids (about 25 bytes and the id itself for each), not with the texts.
public struct Collection: Sendable {
  /// Reads one record: its id, its bytes, and where it is should it be wrong.
  typealias Reader<Record> =
    @Sendable (String, Bytes, () -> Place) throws(Failure) -> Record

  /// Where the collection is.
  public let folder: Folder
  /// The name of the layout it was recognised by.
  public let layout: String
  private let documents: RecordIndex
  private let queries: RecordIndex
  private let splitFiles: [String: String]
  /// The encoding that its files were opened with.
  package let encoding: TextEncoding?
  private let readDocument: Reader<Document>
  private let readQuery: Reader<Query>
  /// What was read so far; copies of the collection count together.
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
  /// - Parameter encoding: that of its files; nil reads them as `TextFile` does without one.
  /// - Throws: `missingInput` where there is nothing at `path` or no collection in it; `badData`
  ///   where an archive holds several, and with file and line where an id is missing or duplicate,
  ///   or a line is malformed.
  public init(opening path: String, encoding: TextEncoding? = nil) throws(Failure) {
    let (folder, layout) = try Collection.find(in: Folder(opening: path))
    self = try layout.open(folder, encoding)
  }

  /// The files that the collection at `path` is made of, by their names in its folder: its
  /// documents and queries, and the judgments of `split` where one is named. None of them is read.
  ///
  /// - Throws: what `init(opening:encoding:)` does before it reads a file of the collection.
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
    // A folder on disk may hold many collections, and the user has to say which; an archive holds
    // one, under a folder of its name.
    if top.isInArchive, let only = try top.only(below.map(\.folder), "collection"),
      let found = below.first(where: { $0.folder.path == only.path })
    {
      return found
    }
    let known = CollectionLayout.layouts.map { "\($0.name): \($0.files)" }
    throw Failure(
      .missingInput, "there is no collection in this \(top.isInArchive ? "archive" : "folder")",
      at: Place(top.path), expected: known.joined(separator: "; or "),
      remedy: below.first.map {
        (below.count == 1 ? "there is one in" : "there are \(below.count) below, such as")
          + " '\($0.folder.path)': name that folder"
      })
  }

  /// How many documents there are.
  public var documentCount: Int { documents.count }

  /// How many queries there are, judged or not.
  public var queryCount: Int { queries.count }

  /// What is wrong with the characters of the documents and of the queries.
  public var textFaults: [TextFaults] {
    [documents.textFaults, queries.textFaults].filter { !$0.isEmpty }
  }

  /// The documents and queries among those read so far, by whatever copy of the collection, that
  /// have no text. A document with a title alone has one.
  public var emptyTexts: [EmptyTexts] {
    [documentTally, queryTally].compactMap(\.emptyTexts)
  }

  /// What was read so far of the documents and of the queries, whether or not any is empty.
  package var readTexts: [EmptyTexts] { [documentTally.texts, queryTally.texts] }

  /// The id of a document by its place in the corpus, from 0. O(1).
  public func documentID(at index: Int) -> String { documents.identifier(at: index) }

  /// The id of a query by its place in the file, from 0. O(1).
  public func queryID(at index: Int) -> String { queries.identifier(at: index) }

  /// Where a document is in the corpus, from 0, or nil where there is none of that id. O(1).
  public func documentIndex(of id: String) -> Int? { documents.ordinal(of: id) }

  /// Where a query is in its file, from 0, or nil where there is none of that id. O(1).
  public func queryIndex(of id: String) -> Int? { queries.ordinal(of: id) }

  /// Reads the document at a place in the corpus.
  ///
  /// - Throws: `badData` with file and line where it turns out malformed.
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

  /// Reads the query at a place in its file.
  ///
  /// - Throws: `badData` with file and line where it turns out malformed.
  public func query(at index: Int) throws(Failure) -> Query {
    let query = try readQuery(queries.identifier(at: index), queries.record(at: index)) {
      queries.place(of: index)
    }
    queryTally.add(index, isEmpty: query.text.isWhiteSpace)
    return query
  }

  /// Reads a document.
  ///
  /// - Throws: `badData` where there is none of that id, or, with file and line, where it turns out
  ///   malformed.
  public func document(id: String) throws(Failure) -> Document {
    guard let index = documentIndex(of: id) else {
      throw Failure(.badData, "there is no document '\(id)'", at: Place(documents.path))
    }
    return try document(at: index)
  }

  /// Reads a query.
  ///
  /// - Throws: `badData` where there is none of that id, or, with file and line, where it turns out
  ///   malformed.
  public func query(id: String) throws(Failure) -> Query {
    guard let index = queryIndex(of: id) else {
      throw Failure(.badData, "there is no query '\(id)'", at: Place(queries.path))
    }
    return try query(at: index)
  }

  /// Reads all documents in the order of the corpus, without filling the memory with it.
  ///
  /// - Throws: `badData` with file and line at the first malformed one, and what `body` throws.
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

  /// The names of the splits there are judgments for, sorted.
  public var splits: [String] { splitFiles.keys.sorted() }

  /// Reads the judgments of a split.
  ///
  /// - Throws: `missingInput` naming the splits there are where there is no such one; what
  ///   `Judgments.init(reading:from:)` does.
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
