import Tables
import Testing

@Suite struct PlainTextTests {
  @Test func commandsOfTerminals() {
    #expect(plainText("a\u{1B}[31mb\u{7}\u{9B}") == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}")
    #expect(plainText("tab\tand é") == "tab\tand é")
    #expect(plainText("two\nlines\r") == "two\u{FFFD}lines\u{FFFD}")
    #expect(plainText("two\nlines\r", keepsLines: true) == "two\nlines\u{FFFD}")
  }

  @Test func labels() {
    #expect(
      labelledLines([("kind", "run"), ("documents", "12")]) == "kind       run\ndocuments  12\n")
    #expect(labelledLines([]) == "")
  }
}
