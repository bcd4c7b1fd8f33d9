public import Diagnostics
public import Files

extension Run {
  /// Reads a TREC run file: plain, compressed or inside an archive (`beir.zip/bm25.run`).
  ///
  /// - Throws: the errors of `readFile` and `init(_:)`.
  public init(opening path: String) throws(Failure) {
    try self.init(readText(path))
  }

  /// Reads the six columns of a TREC run, separated by whitespace: query, Q0, document, rank, score, tag.
  /// The second column, the rank and anything after the tag are ignored. Blank lines are skipped.
  ///
  /// - Throws: `badData` with file and line if a line has different columns, a score is not a
  ///   number, or a document occurs twice for a query; `badData` if there are no lines.
  public init(_ file: TextFile) throws(Failure) {
    let (bytes, source) = (file.bytes, file.path)
    var faults = file.faults
    faults.scan(bytes)
    var rankings: [(query: String, documents: [ScoredDocument])] = []
    var positions: [String: Int] = [:]
    // Consecutive lines of the same query take a single lookup of its id.
    var current = (query: "", position: -1)
    var tag = ""
    try forEachRunLine(in: bytes, from: source) { (line, span) throws(Failure) in
      let query = written(span.extracting(line.query))
      if query != current.query || current.position < 0 {
        current = (query, positions[query] ?? rankings.count)
        if current.position == rankings.count {
          positions[query] = current.position
          rankings.append((query, []))
        }
      }
      if tag.isEmpty { tag = written(span.extracting(line.tag)) }
      rankings[current.position].documents.append(
        ScoredDocument(document: written(span.extracting(line.document)), score: line.score))
    }
    for ranking in rankings {
      var seen: Set<String> = []
      for entry in ranking.documents where !seen.insert(entry.document).inserted {
        throw Run.repeated(entry.document, for: ranking.query, in: bytes, from: source)
      }
    }
    self.init(rankings, tag: tag, from: source)
    textFaults = faults
  }

  /// Searches the file again for the lines of a document that occurs twice.
  static func repeated(
    _ document: String, for query: String, in bytes: Bytes, from source: String
  ) -> Failure {
    var found: [Int] = []
    var lineNumber = 0
    let isTREC = MSMARCORun(bytes) == nil
    for range in bytes.lines {
      lineNumber += 1
      let line = bytes[range]
      let fields = isTREC ? Fields.betweenBlanks(line) : Fields.betweenTabs(line)
      let place = isTREC ? 2 : 1
      if fields.count >= (isTREC ? 6 : 3), line[fields[0]].text == query,
        line[fields[place]].text == document
      {
        found.append(lineNumber)
      }
    }
    let lines = found.prefix(2).map(String.init).joined(separator: " and ")
    return Failure(
      .badData,
      "document '\(document)' occurs twice for query '\(query)', on lines \(lines)",
      at: Place(source, line: found.dropFirst().first),
      expected: "each document once per query", remedy: "remove one of the two lines")
  }

  /// Writes the run as a TREC run file, ranks from 1, atomically. Scores are written with as many
  /// digits as are needed to read the same numbers back.
  ///
  /// - Parameter tag: the name of the system; nil writes the run's own tag, or `ltr` if it has
  ///   none.
  /// - Throws: `badData` if an id or the tag is empty or contains white space, which the format
  ///   cannot express; `cannotCreate` or `io` if the file cannot be written.
  public func write(to path: String, tag: String? = nil) throws(Failure) {
    try writeAtomically(to: path) { file throws(Failure) in
      try append(to: &file, path, tag: tag)
    }
  }

  /// Appends the run's lines to a file that is being written at `path`.
  ///
  /// - Throws: the errors of `write(to:tag:)`.
  package func append(
    to file: inout FileWriter, _ path: String, tag: String? = nil
  ) throws(Failure) {
    let name = tag ?? (self.tag.isEmpty ? "ltr" : self.tag)
    try Run.check(name, "the tag", path)
    for query in queries {
      try Run.check(query, "the query id", path)
      var rank = 0
      for entry in documents(of: query) {
        try Run.check(entry.document, "the document id", path)
        rank += 1
        try file.append("\(query) Q0 \(entry.document) \(rank) \(entry.score) \(name)\n")
      }
    }
  }

  private static func check(_ word: String, _ what: String, _ path: String) throws(Failure) {
    if !word.isEmpty, !word.unicodeScalars.contains(where: \.properties.isWhitespace) { return }
    throw Failure(
      .badData, "\(what) '\(word)' is not allowed in a TREC run", at: Place(path),
      expected: "at least one character and no whitespace", remedy: "change \(what)")
  }
}
