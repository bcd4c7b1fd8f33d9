import Corpora
import Diagnostics
import Files
import Foundation
import JSON
import TestSupport
import Testing

/// Values separated by commas and tabs.
@Suite struct DelimitedReaderTests {
  private func rows(_ text: String, _ separator: Character = ",") throws -> [[String]] {
    let byte = try #require(separator.asciiValue)
    var reader = DelimitedReader(bytes(text), path: "x.csv", separator: byte)
    var (row, rows) = (DelimitedRow(), [[String]]())
    while try reader.next(&row) { rows.append(row.fields.map { reader.text($0) }) }
    return rows
  }

  /// 1,500 small tables, damaged at random, against Python's strict reader: the same rows, or an
  /// error in both. See Fixtures/make_csv.py.
  @Test func mutantsAreReadAsPythonReadsThem() throws {
    let url = Material.package.appending(path: "Tests/CorporaTests/Fixtures/csv.json")
    let value = try JSONValue(Array(Data(contentsOf: url)), name: "csv.json")
    guard case .list(let cases) = value else {
      Issue.record("the fixture is no list")
      return
    }
    var refused = 0
    for item in cases {
      guard case .text(let text)? = item["text"] else {
        Issue.record("a case without a text")
        return
      }
      guard case .list(let expected)? = item["rows"] else {
        refused += 1
        #expect(throws: Failure.self, "\(text.debugDescription)") { try rows(text) }
        continue
      }
      let found = JSONValue.list(try rows(text).map { .list($0.map(JSONValue.text)) })
      #expect(found == .list(expected), "\(text.debugDescription)")
    }
    #expect(cases.count == 1500 && refused > 200)
  }

  @Test func damagedQuotesHaveAPlace() throws {
    #expect(
      throws: Failure(
        .badData, "a quoted field is not closed before the end of the file",
        at: Place("x.csv", line: 3, column: 4),
        expected: #"a quote at the end of the field, and quotes within it doubled ("")"#,
        remedy: "close the quote that opens here, or remove it")
    ) { try rows("a,b\n\"x\ny\",\"z,2\n\n") }
  }

  /// To Swift, a quote with a mark behind it is one character.
  @Test func doubledQuotesBeforeCombiningMarks() throws {
    #expect(
      try rows("\"a \"\"\u{301}b\"\"\u{FE0F}\",\"\"\"\"\"\"\n") == [
        ["a \"\u{301}b\"\u{FE0F}", "\"\""]
      ])
  }

  /// A row of nothing but separators does not fill the memory.
  @Test func rowsOfSeparators() throws {
    let failure = #expect(throws: Failure.self) {
      try rows("a,b\n" + String(repeating: ",", count: 70_000) + "\n")
    }
    #expect(failure?.problem == "the row has more than 65536 fields")
    #expect(failure?.place == Place("x.csv", line: 2) && failure?.remedy != nil)
  }

  @Test func misplacedQuotesHaveAPlace() throws {
    let failure = #expect(throws: Failure.self) { try rows("a,b\né,\"a 19\" monitor\"\n") }
    #expect(failure?.problem == "a quoted field goes on behind its closing quote")
    #expect(failure?.place == Place("x.csv", line: 2, column: 8))
  }

  /// Most programs that write tabs quote nothing, some do as for commas.
  @Test func tabs() throws {
    let text = "a\tb\n\"quoted \"\"x\"\"\"\t\"Best\" shirt\n\"open\t2\n"
    #expect(
      try rows(text, "\t") == [["a", "b"], ["quoted \"x\"", "\"Best\" shirt"], ["\"open", "2"]])
  }

  /// A file of 2 GB with a single line is refused after 64 MB of it.
  @Test func lineOfTwoGigabytes() throws {
    let folder = try Material.temporaryFolder()
    try folder.put("x.csv", "query,document,label\n\"")
    let file = try FileHandle(forWritingTo: folder.appending(path: "x.csv"))
    try file.truncate(atOffset: 2 << 30)
    try file.close()
    var reader = DelimitedReader(
      try readFile(folder.at("x.csv")), path: "x.csv", separator: UInt8(ascii: ","))
    var row = DelimitedRow()
    #expect(try reader.next(&row))
    let failure = #expect(throws: Failure.self) { try reader.next(&row) }
    #expect(failure?.problem == "the row is longer than 64 MB")
    #expect(failure?.place?.line == 2)
  }
}
