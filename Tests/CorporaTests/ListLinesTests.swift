import Corpora
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ListLinesTests {
  private func read(_ text: String) throws -> [ListRecord] {
    var lines = try ListLines(reading: file(text))
    var records: [ListRecord] = []
    while let record = try lines.next() { records.append(record) }
    return records
  }

  @Test func readsEveryKey() throws {
    let records = try read(
      """
      \u{FEFF}{"query": "a \\"b\\"", "query_id": 7, "weight": 2, "from": {"x": [1]}, "documents": [\
      {"text": "t", "id": "d1", "label": 2.5, "teacher": -7.1, "weight": 0, "position": 3, \
      "propensity": 0.25, "rank": 4, "score": 1}, {"id": 12, "teacher": 1, "weight": null}]}

      {"query_id": "q", "documents": [{"text": "", "label": -1}]}\r
      """)
    try #require(records.count == 2)
    #expect(records[0].query == "a \"b\"" && records[0].queryID == "7" && records[0].weight == 2)
    let (first, second) = (records[0].documents[0], records[0].documents[1])
    #expect(first.text == "t" && first.id == "d1" && first.label == 2.5 && first.teacher == -7.1)
    #expect(first.weight == 0 && first.position == 3 && first.propensity == 0.25)
    // Only a teacher has something to say of it.
    #expect(second.id == "12" && second.text == nil && second.label == 0 && second.teacher == 1)
    #expect(second.weight == nil && second.position == nil && second.propensity == nil)
    #expect(records[1].query == nil && records[1].weight == nil)
    #expect(records[1].documents[0].label == -1 && records[1].documents[0].teacher == nil)
  }

  /// Title and text are read as those of a collection's document.
  @Test func titlesAreReadBeforeTexts() throws {
    let records = try read(
      #"{"query": "a", "documents": [{"title": " T", "text": "b ", "label": 1}, "#
        + #"{"title": "T", "label": 0}, {"id": "x", "title": "T", "label": 0}, "#
        + #"{"title": "", "text": "b", "label": 0}, {"text": " b", "label": 0}, "#
        + #"{"id": "y", "text": "", "label": 0}]}"#)
    let contents = records[0].documents.map(\.content)
    #expect(contents == ["T b", "T", nil, "b", " b", ""])
    #expect(Document(id: "", title: " T", text: "b ").content == contents[0])
  }

  @Test func whatNoTextCanHoldIsReplacedAndCounted() throws {
    var text = Array(
      """
      {"query": "a", "documents": [{"text": "whole \\ud83d\\ude00", "label": 1}]}

      {"query": "half \\ud83d", "documents": [{"text": "\\udc00 and \\udc00", "label": 1}]}
      {"query": "Müller", "documents": [{"text": "b", "label": 1}]}

      """.utf8)
    text.replace("ü".utf8, with: [0xFC])
    var lines = try ListLines(reading: TextFile(Bytes(text), from: "x"))
    #expect(try lines.next()?.documents[0].text == "whole 😀")
    let second = try lines.next()
    #expect(second?.query == "half \u{FFFD}")
    #expect(second?.documents[0].text == "\u{FFFD} and \u{FFFD}")
    #expect(try lines.next()?.query == "M\u{FFFD}ller")
    #expect(lines.textFaults.loneSurrogates == .init(count: 3, firstLine: 3))
    #expect(lines.textFaults.notUTF8 == .init(count: 1, firstLine: 4))
    #expect(lines.textFaults.warnings.count == 2)
  }

  /// Compressed files and lines counted with the blank ones.
  @Test func opensFiles() throws {
    let folder = try Material.temporaryFolder()
    let line = #"{"query": "a", "documents": [{"text": "b", "label": 1}]}"#
    try folder.put("lists.jsonl", "\n\(line)\n\n\(line)\n")
    try shell("gzip -k lists.jsonl", in: folder)
    for name in ["lists.jsonl", "lists.jsonl.gz"] {
      var lines = try ListLines(opening: folder.at(name))
      #expect(try lines.next()?.query == "a")
      #expect(lines.place == Place(folder.at(name), line: 2))
      #expect(try lines.next() != nil)
      #expect(lines.line == 4)
      #expect(try lines.next() == nil)
    }
  }

  private static let mistakes: [(String, String?, String, String?, String?)] = [
    ("[1]", nil, "the line is not a JSON object", ListLines.shape, nil),
    (
      #"{"query": "a""#, nil, "the line is not JSON: the text ends in the middle of a value",
      ListLines.shape, nil
    ),
    (
      #"{"documents": [{"text": "b", "label": 1}]}"#, "query", "the list has no query",
      ListLines.shape, nil
    ),
    (
      #"{"query": 3, "documents": []}"#, "query", "the value of 'query' is the number 3",
      "a text", nil
    ),
    (#"{"query": "a"}"#, "documents", "the list has no documents", ListLines.shape, nil),
    (
      #"{"query": "a", "documents": []}"#, "documents", "the list has no documents",
      ListLines.shape, nil
    ),
    (
      #"{"query": "a", "documents": {"text": "b"}}"#, "documents",
      "the value of 'documents' is an object", "a list of objects", nil
    ),
    (
      #"{"query": "a", "documents": ["b"]}"#, "documents[0]",
      "a document is not a JSON object",
      #"an object such as {"text": "…", "label": 1}"#, nil
    ),
    (
      #"{"query": "a", "weigth": 1, "documents": []}"#, "weigth", "unknown key 'weigth'",
      "some of query_id, query, weight, documents", "write 'weight'"
    ),
    (
      #"{"query": "a", "weight": -1, "documents": []}"#, "weight", "'weight' cannot be -1.0",
      "a number from 0 to 1000000", nil
    ),
    (
      #"{"query": "a", "documents": [{"label": 1}]}"#, "documents[0]",
      "the document has no 'text', 'title' or 'id'",
      "a text for the model, or the id of a document of the collection", nil
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": 1}, {"text": "c"}]}"#,
      "documents[1].label", "the document has neither a label nor a teacher's score",
      "a number such as 0, 1 or 2.5", "write label 0 if the document is not relevant or not judged"
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "labl": 1}]}"#, "documents[0].labl",
      "unknown key 'labl'", "some of id, title, text, label, teacher, weight, position, propensity",
      "write 'label'"
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": "1"}]}"#, "documents[0].label",
      "the value of 'label' is the string \"1\"", "a finite number such as 0, 1 or 2.5",
      "write 1 without quotation marks"
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": "0x10"}]}"#, "documents[0].label",
      "the value of 'label' is the string \"0x10\"", "a finite number such as 0, 1 or 2.5",
      "write 16 without quotation marks"
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": "high"}]}"#, "documents[0].label",
      "the value of 'label' is the string \"high\"", "a finite number such as 0, 1 or 2.5", nil
    ),
    (
      #"{"query": "a", "documents": [{"title": ["b"], "label": 1}]}"#, "documents[0].title",
      "the value of 'title' is a list", "a text", nil
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": true}]}"#, "documents[0].label",
      "the value of 'label' is true", "a finite number such as 0, 1 or 2.5", nil
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": 1, "position": 0}]}"#,
      "documents[0].position", "'position' cannot be 0.0", "an integer from 1 up", nil
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": 1, "position": 1.5}]}"#,
      "documents[0].position", "'position' cannot be 1.5", "an integer from 1 up", nil
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": 1, "propensity": 1.5}]}"#,
      "documents[0].propensity", "'propensity' cannot be 1.5", "a number from 1e-06 to 1", nil
    ),
    (
      #"{"query": "a", "documents": [{"text": "b", "label": 1, "weight": -0.5}]}"#,
      "documents[0].weight", "'weight' cannot be -0.5", "a number from 0 to 1000000", nil
    ),
    (
      #"{"query": "a", "documents": [{"id": "", "label": 1}]}"#, "documents[0].id",
      "the id is empty", #"an id such as "d12" or 12"#, nil
    ),
    (
      #"{"query": "a", "documents": [{"id": 1, "label": 1}, {"id": "1", "label": 0}]}"#,
      "documents", "the document '1' occurs twice", "each document once in a list",
      "remove one of the two"
    ),
  ]

  @Test(arguments: mistakes)
  func mistakesAreNamed(
    line: String, key: String?, problem: String, expected: String?, remedy: String?
  ) throws {
    let good = #"{"query": "a", "documents": [{"text": "b", "label": 1}]}"#
    let failure = try #require(throws: Failure.self) { try read("\(good)\n\(line)\n") }
    #expect(failure.kind == .badData)
    let column = line.hasSuffix("}") || line == "[1]" ? nil : line.count + 1
    #expect(failure.place == Place("x", line: 2, column: column, key: key))
    #expect(failure.problem == problem)
    #expect(failure.expected == expected)
    #expect(failure.remedy == remedy)
  }
}

@Suite struct PropensitiesTests {
  @Test func reads() throws {
    let plain = try Propensities(reading: bytes("1\t1\n2\t0.5\n\n10\t1e-2\n"), from: "x")
    #expect(plain.values == [1: 1, 2: 0.5, 10: 0.01])
    let headed = try Propensities(
      reading: bytes("position propensity\r\n2 0.5\r\n1 1"), from: "x")
    #expect(headed.values == [1: 1, 2: 0.5])
  }

  private static let expected =
    "two columns: a position from 1 up, and a number from 1e-06 to 1"

  @Test(
    arguments: [
      ("1\t1\n2\n", 2, "the line '2' is not a propensity", expected, nil),
      ("0\t1\n", 1, "the line '0\\t1' is not a propensity", expected, nil),
      ("1\t0\n", 1, "the line '1\\t0' is not a propensity", expected, nil),
      ("1 1.5\n", 1, "the line '1 1.5' is not a propensity", expected, nil),
      ("1 nan\n", 1, "the line '1 nan' is not a propensity", expected, nil),
      (
        "1 1\n1 0.5\n", 2, "the position 1 occurs twice", "each position once",
        "remove one of the two lines"
      ),
      ("position propensity\n", nil, "the file holds no propensities", expected, nil),
    ] as [(String, Int?, String, String, String?)])
  func mistakes(
    text: String, line: Int?, problem: String, expected: String, remedy: String?
  ) {
    #expect(
      throws: Failure(
        .badData, problem, at: Place("x", line: line), expected: expected, remedy: remedy)
    ) { try Propensities(reading: bytes(text), from: "x") }
  }
}
