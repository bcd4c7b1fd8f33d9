import Foundation
import Testing

import Reports

/// Text from outside in HTML.
@Suite struct MarkupTests {
  @Test func signsOfMarkup() {
    #expect(Markup.escaped(#"<a href="x">&'"#) == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;")
    #expect(Markup.escaped("a\nb\tc\u{0}\u{1B}") == "a\nb\tc\u{FFFD}\u{FFFD}")
    #expect(Markup.escaped("Größe 数") == "Größe 数")
  }

  /// A sign with a combining mark is one character to Swift, and two to a browser.
  @Test func combiningMarks() throws {
    let hostile = "\"\u{301} onmouseover=\u{201C}x <\u{338}script>"
    let safe = Markup.escaped(hostile)
    #expect(!safe.unicodeScalars.contains("\"") && !safe.unicodeScalars.contains("<"))
    let template = try Markup.template(#"<p title="{{text}}">{{text}}</p>"#)
    let html = template.render(["text": hostile])
    #expect(html == "<p title=\"\(safe)\">\(safe)</p>")
  }

  /// The check of a script: SHA-256 of "abc" in base 64 (FIPS 180-4's example).
  @Test func hashOfAScript() {
    #expect(Page.hash("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
  }
}
