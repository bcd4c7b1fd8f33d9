public import Diagnostics
public import Files

/// A run beside the grades of its documents: what a measure has to know of it, without a text for
/// every document. Runs have millions of lines.
public struct GradedRun: Sendable {
  /// What was retrieved for one query, in the order of the file.
  public struct Ranking: Sendable {
    /// The query's id.
    public let query: String
    /// The lines of the file that are its own, `[n]`.
    fileprivate let lines: [Int]
    /// The scores, `[n]`.
    public let scores: [Double]
    /// The grades, `[n]`; nil for a document that is not judged for this query.
    public let grades: [Double?]
    /// The place of the document that has the query's own id, from 0; nil where there is none.
    public let identical: Int?

    /// The ranking without the document that has the query's own id, as BEIR's evaluation leaves it
    /// out (`ignore_identical_ids`).
    public var withoutIdenticalID: Ranking {
      guard let identical else { return self }
      var (lines, scores, grades) = (lines, scores, grades)
      lines.remove(at: identical)
      scores.remove(at: identical)
      grades.remove(at: identical)
      return Ranking(query: query, lines: lines, scores: scores, grades: grades, identical: nil)
    }
  }

  /// Where it comes from, for messages.
  public let source: String
  /// The name the system gave it.
  public let tag: String
  /// What is wrong with the characters of the file.
  public let textFaults: TextFaults
  /// The queries in the order they first appear, each with its retrieved documents.
  public private(set) var rankings: [Ranking] = []
  private let bytes: Bytes
  private let documents: [Range<Int>]

  /// Reads a TREC run file, plain or compressed, also one in an archive.
  ///
  /// - Throws: what `readFile` and `init(_:judgments:)` do.
  public init(opening path: String, judgments: Judgments) throws(Failure) {
    try self.init(readText(path), judgments: judgments)
  }

  /// Reads a TREC run and looks up the grade of every document.
  ///
  /// - Throws: `badData` with file and line where a line has other columns, a score is no number,
  ///   or a document occurs twice for a query; `badData` where there are no lines.
  public init(_ file: TextFile, judgments: Judgments) throws(Failure) {
    let source = file.path
    var faults = file.faults
    faults.scan(file.bytes)
    // Judgments have U+FFFD in the place of bytes that are not UTF-8.
    let bytes = faults.notUTF8 == nil ? file.bytes : Bytes(Array(file.bytes.text.utf8))
    textFaults = faults
    var lines = LinesOfQueries()
    var documents: [Range<Int>] = []
    var (scores, hashes): ([Double], [UInt64]) = ([], [])
    // About what a line of a run takes at least, so that the arrays rarely grow.
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

  /// Whether the id of document `a` of a ranking is before that of document `b`, by their bytes.
  public func precedes(_ a: Int, _ b: Int, in ranking: Ranking) -> Bool {
    let (a, b) = (documents[ranking.lines[a]], documents[ranking.lines[b]])
    return bytes.withSpan { span in
      for (x, y) in zip(a, b) where span[x] != span[y] { return span[x] < span[y] }
      return a.count < b.count
    }
  }
}

/// Which lines are which query's. Those of a query usually stand together: then its id is looked
/// up once.
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

/// Places of one query's documents by the hashes of their ids, with linear probing; its memory
/// serves one query after another.
private struct DocumentFinder {
  private var hashes: [UInt64] = []
  /// Places plus one; 0 is free.
  private var slots: [Int32] = []
  private var mask = 0

  /// Forgets all, and takes the documents on `lines`. Returns a line whose document is there
  /// already, or nil.
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

  /// The place of a document, or nil.
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
