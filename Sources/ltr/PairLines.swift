import Diagnostics
import Files
import Foundation

/// Pairs of a query and a text, a JSON object a line, read one by one from a file or from standard
/// input.
struct PairLines {
  private struct Record: Decodable {
    var query: String
    var text: String
  }

  private enum Source {
    case file(Bytes, Lines.Iterator, released: Int)
    case standardInput
  }

  private var source: Source
  private let name: String
  private var number = 0

  /// The lines of standard input.
  init() {
    source = .standardInput
    name = "standard input"
  }

  /// The lines of a file, plain or compressed.
  ///
  /// - Throws: `missingInput`, `io` or `badData`.
  init(reading path: String) throws(Failure) {
    let bytes = try readFile(path)
    source = .file(bytes, bytes.lines.makeIterator(), released: 0)
    name = path
  }

  /// The next pair, or nil at the end.
  ///
  /// - Throws: `badData` with the line where it is no pair.
  mutating func next() throws(Failure) -> (query: String, text: String)? {
    guard let line = nextLine() else { return nil }
    number += 1
    do {
      let record = try JSONDecoder().decode(Record.self, from: Data(line.utf8))
      return (record.query, record.text)
    } catch {
      throw Failure(
        .badData, "the line is no pair: \(Self.reason(error, line))", at: Place(name, line: number),
        expected: #"a JSON object {"query": "…", "text": "…"}"#)
    }
  }

  private mutating func nextLine() -> String? {
    switch source {
    case .standardInput: return readLine()
    case .file(let bytes, var lines, var released):
      guard let range = lines.next() else { return nil }
      if range.upperBound - released > 1 << 24 {
        bytes.release(released..<range.lowerBound)
        released = range.lowerBound
      }
      source = .file(bytes, lines, released: released)
      return bytes[range].text
    }
  }

  private static func reason(_ error: any Error, _ line: String) -> String {
    if line.allSatisfy(\.isWhitespace) { return "it is empty" }
    switch error {
    case DecodingError.keyNotFound(let key, _): return "'\(key.stringValue)' is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      return context.codingPath.last.map { "'\($0.stringValue)' is not a string" }
        ?? "it is not an object"
    default: return "it is not JSON"
    }
  }
}
