import JSON
import Testing

@Suite struct JSONScannerTests {
  private func events(
    _ text: String, numbers: JSONScanner.Numbers = .strict
  ) throws -> [JSONScanner.Event] {
    var scanner = JSONScanner(Array(text.utf8), deepest: 8, numbers: numbers)
    var events: [JSONScanner.Event] = []
    repeat { events.append(try scanner.next()) } while events.last != .end
    return events
  }

  @Test func tokensInTheirOrder() throws {
    let found = try events(
      #" { "a" : [1, -0.5e+3 , "x\n"], "b":{}, "c": [ ] , "d": [true,false,null]} "#)
    let expected: [JSONScanner.Event] = [
      .openObject, .key(.init(4..<5)), .openArray, .number(10..<11), .number(13..<20),
      .string(.init(24..<27, spareBytes: 1)), .closeArray, .key(.init(32..<33)), .openObject,
      .closeObject, .key(.init(40..<41)), .openArray, .closeArray, .key(.init(51..<52)),
      .openArray, .bool(true), .bool(false), .null, .closeArray, .closeObject, .end,
    ]
    #expect(found == expected)
    #expect(try events("7") == [.number(0..<1), .end])
  }

  @Test func endIsGivenAgain() throws {
    var scanner = JSONScanner(Array("[]".utf8), deepest: 1)
    for expected: JSONScanner.Event in [.openArray, .closeArray, .end, .end] {
      #expect(try scanner.next() == expected)
    }
  }

  @Test(
    arguments: [
      ("", .missingValue, 0), ("  ", .missingValue, 2), ("[1,", .missingValue, 3),
      ("[x]", .missingValue, 1), ("[nul]", .missingValue, 1), ("{\"a\":}", .missingValue, 5),
      ("{1:2}", .missingKey, 1), ("{\"a\":1,", .missingKey, 7), ("{\"a\" 1}", .missingColon, 5),
      ("[1 2]", .missingComma(isInObject: false), 3), ("[1}", .missingComma(isInObject: false), 2),
      ("{\"a\":1", .missingComma(isInObject: true), 6),
      ("[01]", .missingComma(isInObject: false), 2),
      ("[1,]", .trailingComma(isInObject: false), 3),
      ("{\"a\":1, }", .trailingComma(isInObject: true), 8), ("[] 1", .trailingText, 3),
      ("[[[[[[[[[", .nestedTooDeeply, 8), ("[\"a\tb\"]", .controlCharacter, 3),
      ("\"abcdefghijk", .unfinishedString, 12), ("\"a\\", .unfinishedString, 2),
      ("\"\\x\"", .unknownEscape, 1), ("\"ab\\u12+4\"", .badUnicodeEscape, 3),
      ("\"\\ud83d\\u12\"", .badUnicodeEscape, 7), ("\"a\\ud83d\"", .halfSurrogate, 2),
      ("\"\\ude00\\ud83d\"", .halfSurrogate, 1), ("[-]", .missingDigit, 2),
      ("[1.]", .missingDigit, 3),
      ("[1e+]", .missingDigit, 4), ("[.5]", .missingValue, 1), ("[+1]", .missingValue, 1),
    ] as [(String, JSONMistake.Kind, Int)])
  func mistakes(_ text: String, _ kind: JSONMistake.Kind, _ byte: Int) {
    let mistake = #expect(throws: JSONMistake.self) { try events(text) }
    #expect(mistake == JSONMistake(kind, byte: byte))
  }

  @Test func uncheckedNumbersAreTheCallers() throws {
    #expect(
      try events("[01, +.5e]", numbers: .unchecked)[1...2] == [.number(1..<3), .number(5..<9)])
  }

  /// A mark at every place of the eight bytes that are looked at together.
  @Test func stringsEndWhereTheyEnd() throws {
    for length in 0...20 {
      let plain = String(repeating: "ü", count: length)
      let found = try events("\"\(plain)\"")
      #expect(found == [.string(.init(1..<1 + 2 * length)), .end])
      let mistake = #expect(throws: JSONMistake.self) { try events("\"\(plain)\u{1F}\"") }
      #expect(mistake == JSONMistake(.controlCharacter, byte: 1 + 2 * length))
    }
  }

  @Test func decodesEscapes() throws {
    let text = #""a\"\\\/\b\f\n\r\t\u00e9\uD83D\ude00z""#
    var scanner = JSONScanner(Array(text.utf8), deepest: 0)
    guard case .string(let string) = try scanner.next() else {
      Issue.record("no string")
      return
    }
    #expect(
      String(decoding: scanner.decoded(string), as: UTF8.self)
        == "a\"\\/\u{8}\u{c}\n\r\té\u{1F600}z")
    #expect(!string.isPlain)
  }

  @Test func halvesAreListed() throws {
    let text = #"["\ud83d", "\ude00\ud83d\ude00"]"#
    var scanner = JSONScanner(Array(text.utf8), deepest: 1, halves: .listed)
    var strings: [String] = []
    while case let event = try scanner.next(), event != .end {
      if case .string(let string) = event {
        strings.append(String(decoding: scanner.decoded(string), as: UTF8.self))
      }
    }
    #expect(strings == ["\u{FFFD}", "\u{FFFD}\u{1F600}"])
    #expect(scanner.loneSurrogates == [2, 12])
  }
}
