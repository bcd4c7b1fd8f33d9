import Corpora
public import Diagnostics
public import Files

/// The accepted answers of queries, as strings; a document that contains one answers the query.
public struct Answers: Sendable {
  private let answers: [String: [NormalizedText]]
  /// A checksum of the file; empty without a file.
  let fingerprint: String
  /// Encoding errors of the file.
  public let textFaults: TextFaults

  /// Answers by query id.
  public init(_ answers: [String: [String]]) {
    self.init(answers, fingerprint: "", TextFaults(of: ""))
  }

  private init(_ answers: [String: [String]], fingerprint: String, _ faults: TextFaults) {
    self.fingerprint = fingerprint
    textFaults = faults
    self.answers = answers.mapValues { texts in
      texts.map { NormalizedText($0) }.filter { !$0.isEmpty }
    }
  }

  /// Reads a file of JSON Lines, `{"query_id": "q1", "answers": ["…", …]}`, plain or compressed.
  ///
  /// - Throws: as `readFile`; `badData` with the line number if a line is not such an object or
  ///   repeats a query id.
  public init(opening path: String) throws(Failure) {
    let file = try readText(path)
    let bytes = file.bytes
    var faults = file.faults
    var all: [String: [String]] = [:]
    var line = 0
    for range in bytes.lines {
      line += 1
      let text = bytes[range]
      if text.text.allSatisfy(\.isWhitespace) { continue }
      let record: Record
      do {
        record = try JSONLine.decode(
          Record.self, from: text, number: line, counting: &faults)
      } catch {
        throw Failure(
          .badData, "the line holds no answers", at: Place(path, line: line),
          expected: #"a JSON object {"query_id": "q1", "answers": ["…"]}"#)
      }
      if all.updateValue(record.answers, forKey: record.query) != nil {
        throw Failure(
          .badData, "the query '\(record.query)' occurs twice",
          at: Place(path, line: line), expected: "each query once",
          remedy: "put all answers to the query on one line")
      }
    }
    if all.isEmpty {
      throw Failure(
        .badData, "the file holds no answers", at: Place(path),
        expected: #"lines such as {"query_id": "q1", "answers": ["…"]}"#)
    }
    var hash = JournalHash()
    bytes.withSpan { hash.add($0) }
    self.init(all, fingerprint: hash.text, faults)
  }

  /// The answers of a query; empty if the file has none.
  func answers(of query: String) -> [NormalizedText] { answers[query] ?? [] }

  private struct Record: Decodable {
    let query: String
    let answers: [String]

    enum CodingKeys: String, CodingKey {
      case query = "query_id"
      case answers
    }
  }
}
