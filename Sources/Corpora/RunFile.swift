public import Diagnostics
public import Files

/// A TREC run that stays in its file: of each query is kept where its lines are, and they are read
/// when it is asked for. Memory grows with the queries, not with the documents.
public struct RunFile: Sendable {
  /// Where it comes from, for messages.
  public let source: String
  /// The name the system gave it; empty where there is none.
  public let tag: String
  /// The hash of the lines by which journals of mining jobs identify the run.
  public let fingerprint: String
  /// What is wrong with the characters of the file.
  public let textFaults: TextFaults
  private let bytes: Bytes
  /// Where the lines of each query are; more than one range where they do not stand together.
  private let ranges: [String: [Range<Int>]]

  /// Opens a run file, plain, compressed or in an archive, and goes through it once.
  ///
  /// - Throws: what `readFile` does; `badData` with the line that is no line of a run.
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
    try forEachRunLine(in: bytes, from: path) { (line, span) throws(Failure) in
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

  /// The documents of a query from rank 1, in the order that `Run` has; none where the run does not
  /// have it.
  ///
  /// - Throws: `badData` where a document occurs twice.
  public func documents(of query: String) throws(Failure) -> [ScoredDocument] {
    var documents: [ScoredDocument] = []
    for range in ranges[query] ?? [] {
      try forEachRunLine(in: bytes[range], from: source) { (line, span) throws(Failure) in
        documents.append(
          ScoredDocument(document: written(span.extracting(line.document)), score: line.score))
      }
      bytes.release(range)
    }
    var seen: Set<String> = []
    for entry in documents where !seen.insert(entry.document).inserted {
      throw Run.repeated(entry.document, for: query, in: bytes, from: source)
    }
    return documents.sorted(by: Run.precedes)
  }
}
