public import Corpora
public import Diagnostics
import Files
import Synchronization

/// An index of words, searched by BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance
/// Framework: BM25 and Beyond").
///
/// A document's score is the sum over the query's terms, repeated ones as often as they are there,
/// of idf · f / (f + k1 · (1 − b + b · l / mean l)), where f is how often the document has the
/// term, l is how many terms it has, and idf = ln(1 + (N − n + ½) / (n + ½)) for a term that n of N
/// documents have, as in Lucene. A term in the title counts as often as the title's weight says, in
/// f and in l, and one in the text likewise (Robertson, Zaragoza and Taylor 2004).
public final class BM25Index: DocumentIndex, Sendable {
  /// What manifests call the kind.
  public static let kind = "bm25"

  /// What the index says of itself.
  public let manifest: IndexManifest
  /// How it was built.
  public let options: BM25Options
  private let path: String
  private let ids: IdentifierList
  /// How many terms each document has, and how many on average.
  private let lengths: [UInt32]
  private let averageLength: Double
  /// Readers that no search is using.
  private let readers: Mutex<[XapianReader]>

  /// The names of the index's own files.
  enum FileName {
    static let postings = "postings.glass"
    static let stopWords = "stop-words.txt"
    /// Those whose checksums the manifest names.
    static let checked = [postings, stopWords, IdentifierList.fileName]
  }

  /// The languages there are stemmers for, sorted.
  ///
  /// - Throws: `unavailable` where the program was built without the library.
  public static var languages: [String] {
    get throws(Failure) { try Xapian.languages() }
  }

  /// The terms of a text, in its order: its words in lower case without stop words, stemmed; in
  /// scripts without blanks between words, every two neighbouring characters.
  ///
  /// - Throws: `unavailable` where the program was built without the library.
  public static func terms(
    of text: String, options: BM25Options = BM25Options()
  ) throws(Failure) -> [String] {
    try Xapian.terms(of: text, by: options)
  }

  /// Opens the index in a folder.
  ///
  /// - Parameter check: looks at postings that no checksum vouches for, before they are opened; nil
  ///   where they are known to be whole, since damaged ones may end the program.
  /// - Throws: `missingInput` where there is none; `badData` where it is of another kind, or
  ///   damaged as far as opening it shows; `unavailable` where the program was built without the
  ///   library.
  public init(opening folder: String, check: PostingsCheck? = nil) throws(Failure) {
    manifest = try IndexManifest(readingFrom: folder)
    let place = Place(folder + "/" + IndexManifest.fileName)
    guard manifest.kind == Self.kind else {
      throw Failure(
        .badData, "the index is of the kind '\(manifest.kind)'", at: place,
        expected: "one of the kind '\(Self.kind)'")
    }
    path = folder
    options = try Self.options(of: manifest, in: folder)
    ids = try IdentifierList(readingFrom: folder, count: manifest.documents)
    try FileChecksums(of: manifest)?.check(folder)
    if let check, manifest.filesWithoutChecksums.contains(FileName.postings) {
      try check(folder + "/" + FileName.postings)
    }
    let reader = try XapianReader(opening: folder + "/" + FileName.postings, options)
    guard reader.documents == manifest.documents else {
      throw Failure(
        .badData,
        "the index holds \(reader.documents) documents, and its description says"
          + " \(manifest.documents)",
        at: place, remedy: "build the index again")
    }
    lengths = try reader.lengths()
    averageLength = Double(lengths.reduce(0) { $0 + UInt64($1) }) / Double(max(lengths.count, 1))
    readers = Mutex([reader])
  }

  /// The options of an index, with its stop words.
  static func options(
    of manifest: IndexManifest, in folder: String
  ) throws(Failure) -> BM25Options {
    let words = try readFile(folder + "/" + FileName.stopWords).text
    return try BM25Options(
      manifest.options, stopWords: words.split(separator: "\n").map(String.init),
      at: Place(folder + "/" + IndexManifest.fileName))
  }

  /// What messages call it.
  public var name: String { Self.kind }

  /// What the index says of itself, checksums of its files included.
  public var fingerprint: String { manifest.text }

  /// The id of a document by its place in the index, from 0.
  public func documentID(at index: Int) -> String { ids[index] }

  /// The documents found for each query; queries are shared among all cores.
  ///
  /// - Throws: `badData` where the index turns out corrupt, `io` where it cannot be read.
  public func search(
    _ queries: [Query], depth: Int
  ) throws(Failure) -> [[ScoredDocument]] {
    let answers = Mutex([[ScoredDocument]](repeating: [], count: queries.count))
    try concurrently(queries.count) { (number) throws(Failure) in
      let answer = try search(queries[number].text, depth: depth)
      answers.withLock { $0[number] = answer }
    }
    return answers.withLock { $0 }
  }

  private func search(_ query: String, depth: Int) throws(Failure) -> [ScoredDocument] {
    let idle = readers.withLock { $0.popLast() }
    let reader =
      if let idle { idle } else {
        try XapianReader(opening: path + "/" + FileName.postings, options)
      }
    defer { readers.withLock { $0.append(reader) } }
    return try reader.search(query, depth: depth, lengths: lengths, average: averageLength)
      .map { ScoredDocument(document: ids[$0.document], score: $0.score) }
  }
}
