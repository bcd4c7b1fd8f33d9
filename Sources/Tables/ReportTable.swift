/// A table that can be printed as plain text, for LaTeX and for Markdown.
package struct ReportTable: Sendable {
  /// What stands in one place.
  package struct Cell: Sendable, Equatable {
    /// What it says.
    package var text: String
    /// Whether it is the best of its column.
    package var isBest: Bool
    /// What is put behind it, such as `*`.
    package var mark: String

    /// A cell.
    package init(text: String, isBest: Bool = false, mark: String = "") {
      (self.text, self.isBest, self.mark) = (text, isBest, mark)
    }
  }

  /// A line above it; none where it is empty.
  package var title: String
  /// What the columns are called.
  package var header: [String]
  /// The cells, row by row.
  package var rows: [[Cell]]
  /// Rows below those, of another kind; LaTeX draws a rule between.
  package var foot: [[Cell]]
  /// Lines below it.
  package var notes: [String]

  /// A table.
  package init(
    title: String = "", header: [String], rows: [[Cell]], foot: [[Cell]] = [], notes: [String] = []
  ) {
    (self.title, self.header, self.rows) = (title, header, rows)
    (self.foot, self.notes) = (foot, notes)
  }

  /// Columns as wide as they have to be, the first aligned left and the others right; the best of a
  /// column is bold where that is wanted.
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
    // Headings stand above the numbers, not above their marks.
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

  /// A `tabular` with the rules of booktabs; title and notes are comments of LaTeX.
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
