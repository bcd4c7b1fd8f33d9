public import Corpora
public import Diagnostics
import Files
import Synchronization

/// An inverted index of words, searched by BM25 (Robertson and Zaragoza 2009, "The Probabilistic
/// Relevance Framework: BM25 and Beyond").
///
/// A document's score is the sum over the query's terms, with repetitions, of idf · f / (f + k1 ·
/// (1 − b + b · l / mean l)), with f the term's frequency in the document, l the document's number
/// of terms, and idf = ln(1 + (N − n + ½) / (n + ½)) for a term that n of N documents have, as in
/// Lucene. A term in the title counts with the title's weight in f and in l, and one in the text
/// with the text's weight (Robertson, Zaragoza and Taylor 2004).
public final class BM25Index: DocumentIndex, Sendable {
  /// The kind's name in manifests.
  public static let kind = "bm25"

  /// The index's manifest.
  public let manifest: IndexManifest
  /// The options that the index was built with.
  public let options: BM25Options
  private let path: String
  private let ids: IdentifierList
  /// The number of terms of each document, and their mean.
  private let lengths: [UInt32]
  private let averageLength: Double
  /// Readers that no search is using at the moment.
  private let readers: Mutex<[XapianReader]>

  /// The names of the index's own files.
  enum FileName {
    static let postings = "postings.glass"
    static let stopWords = "stop-words.txt"
    /// The files whose checksums are in the manifest.
    static let checked = [postings, stopWords, IdentifierList.fileName]
  }

  /// The languages with a stemmer, sorted.
  ///
  /// - Throws: `unavailable` if the program was built without the library.
  public static var languages: [String] {
    get throws(Failure) { try Xapian.languages() }
  }

  /// The terms of a text, in its order: its words in lower case without stop words, stemmed; in
  /// scripts without spaces between words, every two neighbouring characters.
  ///
  /// - Throws: `unavailable` if the program was built without the library.
  public static func terms(
    of text: String, options: BM25Options = BM25Options()
  ) throws(Failure) -> [String] {
    try Xapian.terms(of: text, by: options)
  }

  /// Opens the index in a folder.
  ///
  /// - Parameter check: the check of postings without a checksum, before they are opened, since
  ///   damaged ones may crash the program; nil if they are known to be intact.
  /// - Throws: `missingInput` if there is none; `badData` if it is of a different kind or found to
  ///   be damaged; `unavailable` if the program was built without the library.
  public init(opening folder: String, check: PostingsCheck? = nil) throws(Failure) {
    manifest = try IndexManifest(readingFrom: folder)
    let place = Place(folder + "/" + IndexManifest.fileName)
    guard manifest.kind == Self.kind else {
      throw Failure(
        .badData, "the index kind is '\(manifest.kind)'", at: place,
        expected: "'\(Self.kind)'")
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
        "document count mismatch: index \(reader.documents), manifest"
          + " \(manifest.documents)",
        at: place, remedy: "rebuild the index")
    }
    lengths = try reader.lengths()
    averageLength = Double(lengths.reduce(0) { $0 + UInt64($1) }) / Double(max(lengths.count, 1))
    readers = Mutex([reader])
  }

  /// The options of an index, including its stop words.
  static func options(
    of manifest: IndexManifest, in folder: String
  ) throws(Failure) -> BM25Options {
    let words = try readFile(folder + "/" + FileName.stopWords).text
    return try BM25Options(
      manifest.options, stopWords: words.split(separator: "\n").map(String.init),
      at: Place(folder + "/" + IndexManifest.fileName))
  }

  /// The name in messages.
  public var name: String { Self.kind }

  /// The manifest's text, including the checksums of the index's files.
  public var fingerprint: String { manifest.text }

  /// The id of a document by its position in the index, from 0.
  public func documentID(at index: Int) -> String { ids[index] }

  /// The documents found for each query; queries are distributed over all cores.
  ///
  /// - Throws: `badData` if the index is corrupt, `io` if it cannot be read.
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
