public import Diagnostics
public import Files

/// A TREC run that stays in its file: only the line ranges of each query are in memory, and the
/// lines are read on demand. Memory grows with the number of queries, not of documents.
public struct RunFile: Sendable {
  /// The source, for messages.
  public let source: String
  /// The system's name; empty if there is none.
  public let tag: String
  /// The hash of the lines, by which journals of mining jobs identify the run.
  public let fingerprint: String
  /// The encoding faults of the file.
  public let textFaults: TextFaults
  private let bytes: Bytes
  /// The form of all lines, which those of one query may not tell.
  private let form: MSMARCORun?
  /// The byte ranges of the lines of each query; several if they are not contiguous.
  private let ranges: [String: [Range<Int>]]

  /// Opens a run file (plain, compressed or inside an archive) and scans it once.
  ///
  /// - Throws: the errors of `readFile`; `badData` with the first line that does not belong in a
  ///   run.
  public init(opening path: String) throws(Failure) {
    let file = try readText(path)
    let bytes = file.bytes
    var faults = file.faults
    faults.scan(bytes)
    var ranges: [String: [Range<Int>]] = [:]
    var current = (query: "", start: -1)
    var tag = ""
    var hash = JournalHash()
    func close(at end: Int) {
      if current.start >= 0 { ranges[current.query, default: []].append(current.start..<end) }
    }
    form = MSMARCORun(bytes)
    try forEachRunLine(in: bytes, as: form, from: path) { (line, span) throws(Failure) in
      let query = written(span.extracting(line.query))
      if current.start < 0 || query != current.query {
        close(at: line.query.lowerBound)
        current = (query, line.query.lowerBound)
      }
      if tag.isEmpty { tag = written(span.extracting(line.tag)) }
    }
    close(at: bytes.count)
    bytes.withSpan { hash.add($0) }
    (source, self.tag, self.bytes, self.ranges) = (path, tag, bytes, ranges)
    fingerprint = hash.text
    textFaults = faults
  }

  /// The queries, in the order of their first lines. O(n log n) in the number of queries.
  public var queries: [String] {
    ranges.map { (query: $0.key, start: $0.value.first?.lowerBound ?? 0) }
      .sorted { $0.start < $1.start }.map(\.query)
  }

  /// The documents of a query from rank 1, in the order of `Run`; empty if the run does not have
  /// the query.
  ///
  /// - Throws: `badData` if a document occurs twice.
  public func documents(of query: String) throws(Failure) -> [ScoredDocument] {
    var documents: [ScoredDocument] = []
    for range in ranges[query] ?? [] {
      try forEachRunLine(in: bytes[range], as: form, from: source) {
        (line, span) throws(Failure) in
        documents.append(
          ScoredDocument(document: written(span.extracting(line.document)), score: line.score))
      }
      bytes.release(range)
    }
    if form == .texts {
      // Ranks go on from one part of the query's lines to the next.
      for place in documents.indices { documents[place].score = -Double(place + 1) }
    }
    var seen: Set<String> = []
    for entry in documents where !seen.insert(entry.document).inserted {
      throw Run.repeated(entry.document, for: query, in: bytes, from: source)
    }
    return documents.sorted(by: Run.precedes)
  }
}
