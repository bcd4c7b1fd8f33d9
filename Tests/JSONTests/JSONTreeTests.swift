import Diagnostics
import JSON
import Testing

@Suite struct JSONTreeTests {
  private func document(_ text: String) throws(Failure) -> JSONDocument {
    try JSONDocument(Array(text.utf8), name: "f")
  }

  @Test func keepsOrderDuplicatesAndPlaces() throws {
    let document = try document("{\"b\": 1,\n \"a\": [\"é\", null],\n \"b\": 2}")
    guard case .object(let members) = document.root.value else {
      Issue.record("no object")
      return
    }
    #expect(members.map(\.name) == ["b", "a", "b"])
    #expect(document.root["b"]?.double == 2, "the last of duplicates counts")
    guard case .array(let items)? = document.root["a"]?.value else {
      Issue.record("no array")
      return
    }
    #expect(items[0].text == "é" && items[1].isNull)
    #expect(document.place(of: items[1], key: "a") == Place("f", line: 2, column: 13, key: "a"))
    #expect(document.root["c"] == nil && items[0]["a"] == nil)
  }

  /// Keys that Swift's strings call equal stay two.
  @Test func keysAreBytes() throws {
    let document = try document("{\"é\": 1, \"e\u{301}\": 2}")
    #expect(document.root["é"]?.double == 1)
    #expect(document.root["e\u{301}"]?.double == 2)
  }

  @Test func byteOrderMark() throws {
    #expect(try document("\u{FEFF}[]").root.byte == 3)
  }

  @Test(arguments: [
    ("[1,", "the text ends in the middle of a value", 1, 4),
    ("{", "the text ends in the middle of a value", 1, 2),
    ("{\"a\"", "the text ends in the middle of a value", 1, 5),
    ("[1,]", "a value is expected here", 1, 4), ("{\"a\":1,}", "a key in quotes is missing", 1, 8),
    ("{\"a\" 1}", "the ':' after a key is missing", 1, 6),
    ("{\"a\":1\n2}", "a ',' between two members or a '}' is missing", 2, 1),
    ("[1.2.3]", "a value is expected here", 1, 2), ("[+1]", "a value is expected here", 1, 2),
    ("[\"\\ud83d\"]", "half of a surrogate pair", 1, 9),
    ("[\"\\ud83d\\u0041\"]", "half of a surrogate pair", 1, 15),
  ])
  func mistakesHaveLineAndColumn(_ text: String, _ problem: String, _ line: Int, _ column: Int) {
    let failure = #expect(throws: Failure.self) { try document(text) }
    #expect(failure?.problem == "this is not JSON: \(problem)")
    #expect(failure?.place == Place("f", line: line, column: column))
  }

  @Test func membersAreReplacedInTheirBytes() throws {
    func set(_ text: String, _ key: String, _ value: String) throws -> String {
      var members = JSONMembers(Array(text.utf8), name: "f")
      try members.set(key, to: value)
      return String(decoding: members.bytes, as: UTF8.self)
    }
    #expect(
      try set(#"{"a": [1, {"b": 2}] , "b":3}"#, "b", "null") == #"{"a": [1, {"b": 2}] , "b":null}"#)
    #expect(try set(#"{"a": [1, {"b": 2}] , "b":3}"#, "a", "0") == #"{"a": 0 , "b":3}"#)
    #expect(try set(#"{"a":1,"a":"\ud800"}"#, "a", "2") == #"{"a":2,"a":2}"#)
    #expect(try set(#"{"a":1}"#, "b", "2") == #"{"b":2,"a":1}"#)
    #expect(try set("{ }", "b", "2") == #"{"b":2 }"#)
    let failure = #expect(throws: Failure.self) { try set("[]", "b", "2") }
    #expect(failure?.problem == "this is not a JSON object")
  }

  @Test func writesLines() {
    let line = JSONWriter.object { line in
      line.add("text", "a\"\\\n\u{8}\u{1F}é/")
      line.add("whole", 2.0)
      line.add("half", 0.5)
      line.add("none", nil as Int?)
      line.add("items", [1, 2]) { number, line in line.add("n", number) }
    }
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"text":"a\"\\\n\u0008\u001fé/","whole":2,"half":0.5,"items":[{"n":1},{"n":2}]}"#
        + "\n")
  }

  @Test func valuesOfEveryKind() throws {
    let text = #"{"a":[null,true,1,9007199254740993,0.5,"/"],"b":{}}"#
    let value = try JSONValue(Array(text.utf8), name: "f")
    #expect(
      value == ["a": [nil, true, 1, .whole(9_007_199_254_740_993), 0.5, "/"], "b": .object([:])])
    #expect(try value.json() == text)
  }
}
