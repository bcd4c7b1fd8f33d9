import Corpora
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Pairs of a query and a text, a JSON object a line.
@Suite struct PairLinesTests {
  private func lines(_ text: String) throws -> PairLines {
    let folder = try Material.temporaryFolder()
    try folder.put("pairs.jsonl", text)
    return try PairLines(reading: folder.at("pairs.jsonl"))
  }

  @Test func pairsComeInOrder() throws {
    var lines = try lines(
      #"{"query": "a", "text": "b", "more": 1}"# + "\r\n" + #"{"text": " ", "query": "ü"}"#)
    let first = try #require(try lines.next())
    #expect(first == ("a", "b"))
    let second = try #require(try lines.next())
    #expect(second == ("ü", " "))
    #expect(try lines.next() == nil)
    #expect(lines.emptyTexts.map(\.empty) == [1] && lines.emptyTexts.first?.firstLine == 2)
    #expect(lines.textFaults.isEmpty)
  }

  @Test(arguments: [
    ("", "it is empty"), ("[]", "it is not an object"), ("{", "it is not JSON"),
    (#"{"query": "a"}"#, "'text' is missing"),
    (#"{"query": 7, "text": "b"}"#, "'query' is the number 7, not a string"),
  ])
  func aLineThatIsNoPairHasItsNumber(line: String, reason: String) throws {
    var lines = try lines(#"{"query": "a", "text": "b"}"# + "\n\(line)\n")
    _ = try lines.next()
    let failure = #expect(throws: Failure.self) { _ = try lines.next() }
    #expect(failure?.kind == .badData && failure?.place?.line == 2)
    #expect(failure?.problem == "the line is not a pair: \(reason)")
  }
}
