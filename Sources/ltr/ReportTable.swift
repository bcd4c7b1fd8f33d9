/// A table that can be printed as plain text, for LaTeX and for Markdown.
struct ReportTable {
  /// What stands in one place.
  struct Cell {
    var text: String
    var isBest = false
    /// What is put behind it, such as `*`.
    var mark = ""
  }

  /// A line above it; none where it is empty.
  var title = ""
  var header: [String]
  var rows: [[Cell]]
  /// Rows below those, of another kind; LaTeX draws a rule between.
  var foot: [[Cell]] = []
  /// Lines below it.
  var notes: [String] = []

  /// Columns as wide as they have to be, the first aligned left and the others right; the best of a
  /// column is bold where that is wanted.
  func plain(isBold: Bool) -> String {
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
    let table = Terminal.table([headings] + cells) { row, column in
      isBold && row > 0 && rows[row - 1][column].isBest
    }
    return (title.isEmpty ? "" : title + "\n") + table + notes.map { $0 + "\n" }.joined()
  }

  /// A table of GitHub's Markdown.
  var markdown: String {
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
  var tex: String {
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
