import Foundation

/// Columns of text sized to their content, the first left-aligned, the others right-aligned; rows
/// may have different numbers of cells. Cells for which `isBold` is true are printed in bold type,
/// which only a terminal can display.
package func alignedColumns(
  _ rows: [[String]], isBold: (_ row: Int, _ column: Int) -> Bool = { _, _ in false }
) -> String {
  let count = rows.map(\.count).max() ?? 0
  let widths = (0..<count).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.enumerated().map { number, row in
    let cells = row.enumerated().map { column, cell in
      let gap = String(repeating: " ", count: widths[column] - cell.count)
      let shown = isBold(number, column) ? "\u{1B}[1m\(cell)\u{1B}[0m" : cell
      return column == 0 ? shown + gap : gap + shown
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }.joined()
}

/// A number with a fixed number of decimals, regardless of the locale.
package func fixed(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}
