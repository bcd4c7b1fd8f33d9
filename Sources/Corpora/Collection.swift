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
  private let readDocument: Reader<Document>
  private let readQuery: Reader<Query>

  init(
    folder: Folder, layout: String, documents: RecordIndex, queries: RecordIndex,
    splitFiles: [String: String], document: @escaping Reader<Document>,
    query: @escaping Reader<Query>
  ) {
    self.folder = folder
    self.layout = layout
    self.documents = documents
    self.queries = queries
    self.splitFiles = splitFiles
    readDocument = document
    readQuery = query
  }

  /// Opens the collection in a folder, or at any depth in an archive; see `CollectionLayout`.
  ///
  /// - Throws: `missingInput` where there is nothing at `path` or no collection in it; `badData`
  ///   with file and line where an id is missing or there twice, or a line is malformed.
  public init(opening path: String) throws(Failure) {
    let top = try Folder(opening: path)
    for layout in CollectionLayout.layouts {
      if let folder = Collection.find(layout, in: top) {
        self = try layout.open(folder)
        return
      }
    }
    let known = CollectionLayout.layouts.map { "\($0.name): \($0.files)" }
    let below = CollectionLayout.layouts.lazy.compactMap { Collection.below(top, $0) }.first
    throw Failure(
      .missingInput, "there is no collection in this \(top.isInArchive ? "archive" : "folder")",
      at: Place(path), expected: known.joined(separator: "; or "),
      remedy: below.map { "there is one in '\($0.path)': name that folder" })
  }

  private static func find(_ layout: CollectionLayout, in top: Folder) -> Folder? {
    if layout.recognises(top) { return top }
    // A folder on disk may hold many collections, and the user has to say which; an archive holds
    // one, under a folder of its name.
    guard top.isInArchive, let folder = below(top, layout), layout.recognises(folder) else {
      return nil
    }
    return folder
  }

  private static func below(_ top: Folder, _ layout: CollectionLayout) -> Folder? {
    top.locate(file: layout.landmark) ?? top.locate(file: layout.landmark + ".gz")
  }

  /// How many documents there are.
  public var documentCount: Int { documents.count }

  /// How many queries there are, judged or not.
  public var queryCount: Int { queries.count }

  /// How many documents and queries hold bytes that are not UTF-8, read as U+FFFD.
  public var invalidTextCount: Int { documents.invalidTextCount + queries.invalidTextCount }

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
    try readDocument(documents.identifier(at: index), documents.record(at: index)) {
      documents.place(of: index)
    }
  }

  /// Reads the query at a place in its file.
  ///
  /// - Throws: `badData` with file and line where it turns out malformed.
  public func query(at index: Int) throws(Failure) -> Query {
    try readQuery(queries.identifier(at: index), queries.record(at: index)) {
      queries.place(of: index)
    }
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
    return try Judgments(reading: folder.readDecompressed(name), from: folder.path(of: name))
  }
}
