public import Diagnostics
public import Files

/// A run with the grades of its documents: the input of the measures, without a string per
/// document, since runs have millions of lines.
public struct GradedRun: Sendable {
  /// The documents retrieved for one query, in file order.
  public struct Ranking: Sendable {
    /// The query's id.
    public let query: String
    /// The line numbers of the query, `[n]`.
    fileprivate let lines: [Int]
    /// The scores, `[n]`.
    public let scores: [Double]
    /// The grades, `[n]`; nil for a document that is not judged for this query.
    public let grades: [Double?]
    /// The index of the document that has the query's own id, from 0; nil if there is none.
    public let identical: Int?

    /// The ranking without the document that has the query's own id, as in BEIR's evaluation
    /// (`ignore_identical_ids`).
    public var withoutIdenticalID: Ranking {
      guard let identical else { return self }
      var (lines, scores, grades) = (lines, scores, grades)
      lines.remove(at: identical)
      scores.remove(at: identical)
      grades.remove(at: identical)
      return Ranking(query: query, lines: lines, scores: scores, grades: grades, identical: nil)
    }
  }

  /// The source, for messages.
  public let source: String
  /// The system's name in the file.
  public let tag: String
  /// The encoding faults of the file.
  public let textFaults: TextFaults
  /// The queries in order of first appearance, each with its retrieved documents.
  public private(set) var rankings: [Ranking] = []
  private let bytes: Bytes
  private let documents: [Range<Int>]

  /// Reads a TREC run file: plain, compressed or inside an archive.
  ///
  /// - Throws: the errors of `readFile` and `init(_:judgments:)`.
  public init(opening path: String, judgments: Judgments) throws(Failure) {
    try self.init(readText(path), judgments: judgments)
  }

  /// Reads a TREC run and looks up the grade of every document.
  ///
  /// - Throws: `badData` with file and line if a line has different columns, a score is not a
  ///   number, or a document occurs twice for a query; `badData` if there are no lines.
  public init(_ file: TextFile, judgments: Judgments) throws(Failure) {
    let source = file.path
    var faults = file.faults
    faults.scan(file.bytes)
    // Judgments were decoded with U+FFFD for invalid UTF-8; ids match only if the run is decoded
    // the same way.
    let bytes = faults.notUTF8 == nil ? file.bytes : Bytes(Array(file.bytes.text.utf8))
    textFaults = faults
    var lines = LinesOfQueries()
    var documents: [Range<Int>] = []
    var (scores, hashes): ([Double], [UInt64]) = ([], [])
    // The approximate minimum size of a line, so that the arrays rarely grow.
    let expected = bytes.count / 32
    documents.reserveCapacity(expected)
    scores.reserveCapacity(expected)
    hashes.reserveCapacity(expected)
    var tag = ""
    try forEachRunLine(in: bytes, from: source) { (line, span) throws(Failure) in
      lines.add(documents.count, query: span.extracting(line.query))
      documents.append(line.document)
      scores.append(line.score)
      hashes.append(hash(span.extracting(line.document)))
      if tag.isEmpty { tag = bytes[line.tag].text }
    }
    (self.bytes, self.source, self.tag, self.documents) = (bytes, source, tag, documents)
    var finder = DocumentFinder()
    for (query, own) in zip(lines.queries, lines.lines) {
      let judged = judgments.judgments(of: query)
      var identical: Int?
      var grades = [Double?](repeating: nil, count: own.count)
      let repeated = bytes.withSpan { span in
        let twice = finder.fill(own, hashes) { same(span, documents[$0], documents[$1]) }
        guard twice == nil else { return twice }
        for judgment in judged {
          let id = Array(judgment.document.utf8)
          let place = finder.place(hash: hash(id.span)) {
            same(span, documents[own[$0]], id.span)
          }
          if let place { grades[place] = judgment.grade }
        }
        let id = Array(query.utf8)
        identical = finder.place(hash: hash(id.span)) { same(span, documents[own[$0]], id.span) }
        return nil
      }
      if let repeated {
        throw Run.repeated(
          bytes[documents[repeated]].text, for: query, in: bytes, from: source)
      }
      rankings.append(
        Ranking(
          query: query, lines: own, scores: own.map { scores[$0] }, grades: grades,
          identical: identical))
    }
  }

  /// Whether the id of document `a` of a ranking precedes that of document `b`, compared by bytes.
  public func precedes(_ a: Int, _ b: Int, in ranking: Ranking) -> Bool {
    let (a, b) = (documents[ranking.lines[a]], documents[ranking.lines[b]])
    return bytes.withSpan { span in
      for (x, y) in zip(a, b) where span[x] != span[y] { return span[x] < span[y] }
      return a.count < b.count
    }
  }
}

/// The lines of each query. Consecutive lines of the same query take a single lookup of its id.
private struct LinesOfQueries {
  var queries: [String] = []
  var lines: [[Int]] = []
  private var positions = IdentifierTable()
  private var current = -1
  private var currentID: [UInt8] = []

  mutating func add(_ line: Int, query: Span<UInt8>) {
    if current < 0 || !isCurrent(query) {
      current = positions.insert(query) ?? queries.count
      currentID = query.indices.map { query[$0] }
      if current == queries.count {
        queries.append(written(query))
        lines.append([])
      }
    }
    lines[current].append(line)
  }

  private func isCurrent(_ query: Span<UInt8>) -> Bool {
    guard query.count == currentID.count else { return false }
    for index in query.indices where query[index] != currentID[index] { return false }
    return true
  }
}

/// The indices of one query's documents by the hashes of their ids, with linear probing; the memory
/// is reused from query to query.
private struct DocumentFinder {
  private var hashes: [UInt64] = []
  /// Indices plus one; 0 marks a free slot.
  private var slots: [Int32] = []
  private var mask = 0

  /// Removes all entries and inserts the documents of `lines`. Returns a line whose document is a
  /// duplicate, or nil.
  mutating func fill(
    _ lines: [Int], _ all: [UInt64], isSame: (_ a: Int, _ b: Int) -> Bool
  ) -> Int? {
    var size = 16
    while size < lines.count * 2 { size *= 2 }
    mask = size - 1
    hashes = lines.map { all[$0] }
    slots = [Int32](repeating: 0, count: size)
    for place in lines.indices {
      var slot = Int(truncatingIfNeeded: hashes[place]) & mask
      while slots[slot] != 0 {
        let other = Int(slots[slot]) - 1
        if hashes[other] == hashes[place], isSame(lines[other], lines[place]) {
          return lines[place]
        }
        slot = (slot + 1) & mask
      }
      slots[slot] = Int32(place + 1)
    }
    return nil
  }

  /// The index of a document, or nil.
  func place(hash: UInt64, isSame: (Int) -> Bool) -> Int? {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if hashes[place] == hash, isSame(place) { return place }
      slot = (slot + 1) & mask
    }
    return nil
  }
}

private func same(_ span: Span<UInt8>, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
  same(span, a, span.extracting(b))
}

private func same(_ span: Span<UInt8>, _ a: Range<Int>, _ b: Span<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  for index in b.indices where span[a.lowerBound + index] != b[index] { return false }
  return true
}
