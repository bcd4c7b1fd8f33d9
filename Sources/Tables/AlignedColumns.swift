import Foundation

/// Columns of text, the first aligned left and the others right, as wide as they have to be; a row
/// may have fewer cells than others. Cells for which `isBold` holds are in bold type, which only a
/// terminal can show.
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

/// A number with so many digits behind the point, whatever the locale.
package func fixed(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}
