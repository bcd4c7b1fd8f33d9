import Diagnostics
import JSON
import Testing

/// What decoding takes, what it refuses, and with which path.
@Suite struct JSONReaderTests {
  private struct Part: Decodable, Equatable {
    var a: Int?
    var b: String?
  }

  private struct Whole: Decodable, Equatable {
    var name: String
    var parts: [Part]
  }

  private struct Report: Decodable, Equatable {
    var minScore: Int
    var p95Latency: Double
    var rejected: [String: Int]
    var aURL: String
  }

  private struct Half: Decodable {
    let isWhole: Bool
    init(from decoder: any Decoder) throws {
      isWhole = (try? decoder.singleValueContainer().decode(String.self)) != nil
    }
  }

  private func decode<Value: Decodable>(
    _ type: Value.Type, _ text: String, _ reader: JSONReader = JSONReader()
  ) throws -> Value { try reader.decode(type, from: Array(text.utf8)) }

  /// The path of a mistake, and what kind it is.
  private func mistake<Value: Decodable>(_ type: Value.Type, _ text: String) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
        .joined(separator: ".")
    }
    do {
      return "\(try decode(type, text))"
    } catch DecodingError.keyNotFound(let key, let context) {
      return "missing \(path(context)) \(key.stringValue)"
    } catch DecodingError.typeMismatch(let type, let context) {
      return "mismatch \(path(context)) \(type)"
    } catch DecodingError.valueNotFound(let type, let context) {
      return "null \(path(context)) \(type)"
    } catch DecodingError.dataCorrupted(let context) {
      let kind = (context.underlyingError as? JSONMistake).map { "\($0.kind) \($0.byte)" }
      return "corrupted \(path(context)) \(kind ?? context.debugDescription)"
    } catch {
      return "\(error)"
    }
  }

  @Test func nullAndMissingAreNil() throws {
    #expect(try decode(Part.self, "{}") == Part())
    #expect(try decode(Part.self, #" {"a": null, "c": [1, {}]} "#) == Part())
    #expect(try decode(Part?.self, "null") == nil)
    #expect(try decode([String: Int?].self, #"{"a": null}"#) == ["a": nil])
    #expect(try decode([Int?].self, "[1, null]") == [1, nil])
  }

  @Test func mistakesHavePaths() {
    #expect(mistake(Whole.self, "{}") == "missing  name")
    #expect(mistake(Whole.self, "[]") == "mismatch  Dictionary<String, Any>")
    #expect(mistake(Whole.self, "null") == "null  Dictionary<String, Any>")
    #expect(mistake(Whole.self, #"{"name": 1}"#) == "mismatch name String")
    #expect(mistake(Whole.self, #"{"name": null}"#) == "null name String")
    #expect(mistake(Whole.self, #"{"name": "", "parts": {}}"#) == "mismatch parts Array<Any>")
    #expect(
      mistake(Whole.self, #"{"name": "", "parts": [{"a": 1}, {"c": [0, [1]], "a": "x"}]}"#)
        == "mismatch parts.[1].a Int")
    #expect(
      mistake(Whole.self, #"{"name": "", "parts": [1]}"#)
        == "mismatch parts.[0] Dictionary<String, Any>")
    #expect(
      mistake([[UInt8]].self, "[[1], [2, 256]]")
        == "corrupted [1].[1] 256 is not an integer from 0 to 255")
  }

  @Test(arguments: [
    ("{\"a\":1,}", "trailingComma(isInObject: true) 7"), ("{\"a\":01}", ""), ("{} x", ""),
    ("{\"a\":NaN}", ""), ("{\"a\":Infinity}", ""), ("", "missingValue 0"), ("{\"b\":1.}", ""),
  ])
  func notJSON(_ text: String, _ kind: String) {
    let found = mistake(Part.self, text)
    #expect(found.hasPrefix("corrupted  \(kind)") && !found.hasPrefix("corrupted  not"), "\(found)")
  }

  @Test func theFirstOfDuplicateKeysCounts() throws {
    #expect(try decode(Part.self, #"{"a": 1, "a": 2}"#) == Part(a: 1))
    #expect(try decode([String: Int].self, #"{"a": 1, "a": 2}"#) == ["a": 1])
    #expect(try JSONValue(Array(#"{"a": 1, "a": 2}"#.utf8), name: "f") == ["a": 1])
    let many = (0..<40).map { "\"k\($0)\": \($0)" }.joined(separator: ",")
    #expect(
      try decode([String: Int].self, "{\(many), \"k3\": 100}")
        == Dictionary(uniqueKeysWithValues: (0..<40).map { ("k\($0)", $0) }))
  }

  @Test func wholeNumbersAreExact() throws {
    for (text, value) in [
      ("1.0", 1), ("1e3", 1000), ("1E+2", 100), ("100e-2", 1), ("-0", 0), ("-0.0", 0), ("0e9", 0),
      ("9007199254740993.0", 9_007_199_254_740_993), ("9223372036854775807", .max),
      ("-9223372036854775808", .min), ("12.50e1", 125), ("-1.5e1", -15),
      ("0.000e99999999999999999999", 0),
    ] {
      #expect(try decode(Int.self, text) == value, "\(text)")
    }
    for text in [
      "1.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e400", "1e-400",
      "1e99999999999999999999",
    ] {
      #expect(
        mistake(Int.self, text).hasPrefix("corrupted  \(text) is not an integer"), "\(text)")
    }
    #expect(mistake(Int.self, "true") == "mismatch  Int")
    #expect(mistake(Int.self, "\"1\"") == "mismatch  Int")
    #expect(try decode(UInt64.self, "18446744073709551615") == .max)
    #expect(throws: DecodingError.self) { try decode(UInt32.self, "-1") }
  }

  @Test func realNumbersAreFinite() throws {
    #expect(try decode(Double.self, "9007199254740993") == 9_007_199_254_740_992)
    #expect(try decode(Double.self, "-0").sign == .minus)
    #expect(try decode(Double.self, "0e-999") == 0)
    #expect(try decode(Double.self, "5e-324") == .leastNonzeroMagnitude)
    // Rounded once: over a Double it would be 1.
    #expect(try decode(Float.self, "1.00000005960464477540") == Float(1).nextUp)
    for text in ["1e400", "-1e400", "1e-400"] {
      #expect(throws: DecodingError.self) { try decode(Double.self, text) }
    }
    #expect(throws: DecodingError.self) { try decode(Float.self, "1e39") }
  }

  @Test func textsAreUTF8() throws {
    #expect(try JSONReader().decode(Part.self, from: [0xEF, 0xBB, 0xBF] + "{\"a\":1}".utf8).a == 1)
    let bad: [UInt8] = Array("{\"a\":1,\"b\":\"".utf8) + [0xFF] + Array("\"}".utf8)
    #expect(throws: DecodingError.self) { try JSONReader().decode(Part.self, from: bad) }
    // What is not read is not looked at.
    #expect(
      try JSONReader().decode(
        [String: Part].self,
        from: Array("{\"x\":".utf8) + bad.map { $0 == 0x62 ? 0x63 : $0 } + "}".utf8)["x"]
        == Part(a: 1))
    let sixteen = "[1]".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    #expect(throws: DecodingError.self) { try JSONReader().decode([Int].self, from: sixteen) }
  }

  @Test func halvesOfPairsAreRefusedOrReplaced() throws {
    let text = #"["a\ud800b", "\ud83d\ude00", "\udc00\ud83d\ude00"]"#
    #expect(mistake([String].self, text).hasPrefix("corrupted [0] "))
    #expect(
      try decode([String].self, text, JSONReader(halves: .listed))
        == ["a\u{FFFD}b", "\u{1F600}", "\u{FFFD}\u{1F600}"])
    #expect(try decode(Part.self, #"{"a": 1, "c": "\ud800"}"#) == Part(a: 1))
    // Each string is held against the halves before, in and after it.
    let strings = (0..<9).map { #""\n\#($0 % 3 == 1 ? #"\ud800"# : "")""# }
    let found = try decode([String: [Half]].self, #"{"a": [\#(strings.joined(separator: ","))]}"#)
    #expect(found["a"]?.map(\.isWhole) == (0..<9).map { $0 % 3 != 1 })
  }

  @Test func keysAreTexts() throws {
    #expect(try decode(Part.self, #"{"\u0061": 1, "ab": 2, "": 3}"#) == Part(a: 1))
    #expect(try decode([String: Int].self, #"{"a\\": 1, "a": 2}"#) == ["a\\": 1, "a": 2])
    #expect(
      mistake(Part.self, #"{"a": 1, "\udc00": 2}"#).hasPrefix(
        "corrupted  a key contains invalid UTF-8"))
    // Two spellings of a character are one key, as in every dictionary of strings.
    #expect(try decode([String: Int].self, "{\"e\u{301}\": 1, \"\u{e9}\": 2}") == ["é": 1])
  }

  @Test func keysWithUnderscores() throws {
    let text =
      #"{"min_score": 1, "p95_latency": 2, "rejected": {"min_score": 3, "minScore": 4}, "a_url": ""}"#
    #expect(
      try decode(Report.self, text, JSONReader(keys: .underscored))
        == Report(
          minScore: 1, p95Latency: 2, rejected: ["min_score": 3, "minScore": 4], aURL: ""))
    #expect(mistake(Report.self, text) == "missing  minScore")
  }

  /// A value that was not decoded is still the next one.
  @Test func listsStayWhereTheyAre() throws {
    struct Mixed: Decodable {
      var values: [String] = []
      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        #expect(list.count == 4)
        while !list.isAtEnd {
          if let number = try? list.decode(Int.self) {
            values.append("\(number)")
          } else if try list.decodeNil() {
            values.append("nil at \(list.currentIndex)")
          } else if var inner = try? list.nestedUnkeyedContainer() {
            values.append(try inner.decode(String.self) + "\(inner.isAtEnd)")
          } else {
            values.append(try list.decode(String.self))
          }
        }
        #expect(throws: DecodingError.self) { try list.decode(Int.self) }
      }
    }
    #expect(
      try decode(Mixed.self, #"["a", 2, null, ["b"]]"#).values == ["a", "2", "nil at 3", "btrue"])
  }

  @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
  func deepNestingIsRefused(_ open: String) {
    let text = String(repeating: open, count: 1_000_000)
    #expect(mistake(JSONValue.self, text).contains("nestedTooDeeply"))
    #expect(mistake(Part.self, "{\"c\":" + text).contains("nestedTooDeeply"))
  }

  @Test func nestingUpToTheLimit() throws {
    let text = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    var value = try JSONValue(Array(text.utf8), name: "f")
    var depth = 1
    while case .list(let items) = value, let inner = items.first {
      (value, depth) = (inner, depth + 1)
    }
    #expect(depth == 512)
    #expect(throws: Failure.self) { try JSONValue(Array("[\(text)]".utf8), name: "f") }
  }

  @Test(
    arguments: [
      (
        #"{"name": "", "parts": [{"a": 1}, {"a": "x"}]}"#, "parts[1].a",
        "expected an integer, found a string"
      ),
      (#"{"name": "", "parts": [{"a": 1.5}]}"#, "parts[0].a", "1.5 is not an integer"),
      (#"{"name": "", "parts": null}"#, "parts", "expected a list, found null"),
      (#"{"parts": []}"#, nil, "'name' is missing"),
      ("[]", nil, "expected an object, found a list"),
    ] as [(String, String?, String)])
  func valuesThatDoNotFitHaveKeys(_ text: String, _ key: String?, _ problem: String) {
    let failure = #expect(throws: Failure.self) {
      try JSONReader().decode(Whole.self, from: Array(text.utf8), name: "f")
    }
    #expect(failure?.place?.file == "f" && failure?.place?.key == key)
    #expect(failure?.problem.hasPrefix("the value cannot be read: \(problem)") == true)
  }

  @Test func filesThatAreNotJSONHavePlaces() {
    let failure = #expect(throws: Failure.self) {
      try JSONValue(Array("{\n  \"a\": 1,\n}".utf8), name: "f")
    }
    #expect(failure?.problem == "this is not JSON: a key in quotes is missing")
    #expect(failure?.place?.line == 3 && failure?.place?.column == 1)
    let large = #expect(throws: Failure.self) {
      try JSONValue(Array("{\"a\": 1e400}".utf8), name: "f")
    }
    #expect(
      large?.problem == "the value cannot be read: the number 1e400 is too large or too small")
    #expect(large?.place?.key == "a")
  }
}
