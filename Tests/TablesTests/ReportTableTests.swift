import Tables
import Testing

/// Tables in the three forms they are printed in.
@Suite struct ReportTableTests {
  private let table = ReportTable(
    title: "of_a", header: ["run", "n", "RR"],
    rows: [
      [.init(text: "a"), .init(text: "8"), .init(text: "0.5000", mark: "**")],
      [.init(text: "b|c"), .init(text: "10"), .init(text: "1.0000", isBest: true)],
    ],
    foot: [[.init(text: "  ceiling"), .init(text: ""), .init(text: "1.0000")]],
    notes: ["* better"])

  /// Numbers stand right, and their headings above them, not above the marks.
  @Test func plainColumnsAreAsWideAsTheyHaveToBe() {
    #expect(
      table.plain(isBold: false) == """
        of_a
        run         n      RR
        a           8  0.5000**
        b|c        10  1.0000
          ceiling      1.0000
        * better

        """)
  }

  @Test func theBestIsBoldOnATerminal() {
    let text = table.plain(isBold: true)
    #expect(text.contains("10  \u{1B}[1m1.0000  \u{1B}[0m\n"))
    #expect(text.split(separator: "\u{1B}").count == 3)
  }

  @Test func markdownEscapesItsOwnSigns() {
    #expect(
      table.markdown == #"""
        of\_a

        | run | n | RR |
        | :-- | --: | --: |
        | a | 8 | 0.5000\*\* |
        | b\|c | 10 | **1.0000** |
        |   ceiling |  | 1.0000 |

        \* better

        """#)
  }

  @Test func texHasTheRulesOfBooktabs() {
    #expect(
      table.tex == #"""
        % of_a
        % * better
        \begin{tabular}{lrr}
          \toprule
          run & n & RR \\
          \midrule
          a & 8 & 0.5000$^{**}$ \\
          b\textbar{}c & 10 & \textbf{1.0000} \\
          \midrule
            ceiling &  & 1.0000 \\
          \bottomrule
        \end{tabular}

        """#)
  }

  @Test func rowsMayBeShorterThanOthers() {
    #expect(
      alignedColumns([["", "b"], ["aa"], ["a", "bbb", "c"]]) == "      b\naa\na   bbb  c\n")
    #expect(alignedColumns([]) == "")
    #expect(fixed(1.005, 2) == "1.00" && fixed(-0.25, 1) == "-0.2" && fixed(3, 0) == "3")
  }
}
