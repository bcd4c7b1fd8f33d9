/// A table that can be printed as plain text, LaTeX and Markdown.
package struct ReportTable: Sendable {
  /// One cell of the table.
  package struct Cell: Sendable, Equatable {
    /// The cell's text.
    package var text: String
    /// Whether it is the best value of its column.
    package var isBest: Bool
    /// A suffix, such as `*`.
    package var mark: String

    /// A cell.
    package init(text: String, isBest: Bool = false, mark: String = "") {
      (self.text, self.isBest, self.mark) = (text, isBest, mark)
    }
  }

  /// A line above the table; none if empty.
  package var title: String
  /// The column headings.
  package var header: [String]
  /// The cells, row by row.
  package var rows: [[Cell]]
  /// Rows of a different kind below those; LaTeX draws a rule between.
  package var foot: [[Cell]]
  /// Lines below the table.
  package var notes: [String]

  /// A table.
  package init(
    title: String = "", header: [String], rows: [[Cell]], foot: [[Cell]] = [], notes: [String] = []
  ) {
    (self.title, self.header, self.rows) = (title, header, rows)
    (self.foot, self.notes) = (foot, notes)
  }

  /// Columns sized to their content: the first left-aligned, the others right-aligned; the best
  /// value of a column is bold if requested.
  package func plain(isBold: Bool) -> String {
    let rows = rows + foot
    let marks = header.indices.map { column in
      rows.map { column < $0.count ? $0[column].mark.count : 0 }.max() ?? 0
    }
    let cells = rows.map { row in
      row.enumerated().map { column, cell in
        cell.text.isEmpty || column == 0
          ? cell.text
          : cell.text + cell.mark + String(repeating: " ", count: marks[column] - cell.mark.count)
      }
    }
    // Headings are aligned with the numbers, not with their marks.
    let headings = header.enumerated().map { column, heading in
      heading + String(repeating: " ", count: marks[column])
    }
    let table = alignedColumns([headings] + cells) { row, column in
      isBold && row > 0 && rows[row - 1][column].isBest
    }
    return (title.isEmpty ? "" : title + "\n") + table + notes.map { $0 + "\n" }.joined()
  }

  /// A table of GitHub's Markdown.
  package var markdown: String {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    let alignment = header.indices.map { $0 == 0 ? ":--" : "--:" }
    let body = (rows + foot).map { row in
      line(
        row.map { cell in
          let text = Self.escaped(cell.text + cell.mark, for: Self.markdownSigns)
          return cell.isBest ? "**\(text)**" : text
        })
    }
    let escape = { (text: String) in Self.escaped(text, for: Self.markdownSigns) }
    return (title.isEmpty ? "" : escape(title) + "\n\n") + line(header.map(escape))
      + line(alignment) + body.joined() + notes.map { "\n\(escape($0))\n" }.joined()
  }

  /// A `tabular` with the rules of booktabs; title and notes are LaTeX comments.
  package var tex: String {
    func line(_ cells: [String]) -> String { "  " + cells.joined(separator: " & ") + " \\\\\n" }
    let escape = { (text: String) in Self.escaped(text, for: Self.texSigns) }
    func lines(_ rows: [[Cell]]) -> String {
      rows.map { row in
        line(
          row.map { cell in
            let text = escape(cell.text)
            return (cell.isBest ? "\\textbf{\(text)}" : text)
              + (cell.mark.isEmpty ? "" : "$^{\(cell.mark)}$")
          })
      }.joined()
    }
    let below = foot.isEmpty ? "" : "  \\midrule\n" + lines(foot)
    let comments = ([title] + notes).filter { !$0.isEmpty }.map {
      "% \($0.replacing("\n", with: " "))\n"
    }
    return comments.joined()
      + "\\begin{tabular}{l\(String(repeating: "r", count: header.count - 1))}\n  \\toprule\n"
      + line(header.map(escape)) + "  \\midrule\n" + lines(rows) + below
      + "  \\bottomrule\n\\end{tabular}\n"
  }

  private static let markdownSigns: [Character: String] = Dictionary(
    uniqueKeysWithValues: "\\`*_{}[]<>#|~".map { ($0, "\\\($0)") })

  private static let texSigns: [Character: String] = [
    "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
    "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_", "{": "\\{", "}": "\\}",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}",
  ]

  private static func escaped(_ text: String, for signs: [Character: String]) -> String {
    text.reduce(into: "") { $0 += signs[$1] ?? String($1) }
  }
}
