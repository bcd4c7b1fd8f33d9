package import Diagnostics
package import Files
import JSON

/// Pairs of a query and a text, one JSON object per line, read one at a time from a file or from
/// standard input.
package struct PairLines {
  private struct Record: Decodable {
    var query: String
    var text: String
  }

  private enum Source {
    case file(Bytes, Lines.Iterator, released: Int)
    case standardInput(InputLines)
  }

  private var source: Source
  /// The encoding faults of the lines read so far.
  package private(set) var textFaults: TextFaults
  private var documents: TextCount
  private var queries: TextCount
  private let name: String
  /// The number of pairs read so far.
  package private(set) var number = 0

  /// The empty texts among those read so far.
  package var emptyTexts: [EmptyTexts] { [documents, queries].compactMap(\.emptyTexts) }

  /// The lines of standard input.
  package init() {
    source = .standardInput(InputLines())
    name = "standard input"
    textFaults = TextFaults(of: name)
    (documents, queries) = (TextCount("texts", of: name), TextCount("queries", of: name))
  }

  /// The lines of a file, plain or compressed.
  ///
  /// - Throws: `missingInput`, `io` or `badData`.
  package init(reading path: String) throws(Failure) {
    let file = try readText(path)
    source = .file(file.bytes, file.bytes.lines.makeIterator(), released: 0)
    textFaults = file.faults
    name = path
    (documents, queries) = (TextCount("texts", of: path), TextCount("queries", of: path))
  }

  /// The place of a pair; the first has number 1.
  package func place(of number: Int) -> Place { Place(name, line: number) }

  /// The next pair, or nil at the end.
  ///
  /// - Throws: `badData` with the line if it is not a pair.
  package mutating func next() throws(Failure) -> (query: String, text: String)? {
    guard let line = try nextLine() else { return nil }
    number += 1
    do {
      let record = try JSONLine.decode(
        Record.self, from: line, number: number, counting: &textFaults)
      documents.add(record.text, line: number)
      queries.add(record.query, line: number)
      return (record.query, record.text)
    } catch {
      throw Failure(
        .badData, "the line is not a pair: \(Self.reason(error, line.text))",
        at: place(of: number),
        expected: #"a JSON object {"query": "…", "text": "…"}"#)
    }
  }

  private mutating func nextLine() throws(Failure) -> Bytes? {
    switch source {
    case .standardInput(var lines):
      // Moved out and back, so that pending bytes are not copied for every line.
      source = .standardInput(InputLines())
      defer { source = .standardInput(lines) }
      return try lines.next()
    case .file(let bytes, var lines, var released):
      guard let range = lines.next() else { return nil }
      if range.upperBound - released > 1 << 24 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
      source = .file(bytes, lines, released: released)
      return bytes[range]
    }
  }

  private static func reason(_ error: any Error, _ line: String) -> String {
    if line.allSatisfy(\.isWhitespace) { return "it is empty" }
    switch error {
    case DecodingError.keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      guard let key = context.codingPath.last?.stringValue else { return "it is not an object" }
      let found = try? JSONReader(halves: .listed)
        .decode([String: FoundValue].self, from: Array(line.utf8))
      return "'\(key)' is \(found?[key]?.description ?? "something else"), not a string"
    default: return "it is not JSON"
    }
  }
}
