import Diagnostics
import Export
import Foundation

/// Where results and messages go.
enum Terminal {
  /// Writes a line, or several, to standard error.
  static func say(_ text: String) {
    // There is nowhere left to report that this failed.
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Writes text to standard output as it is.
  ///
  /// - Throws: `io` where it cannot be written.
  static func write(_ text: String) throws(Failure) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw Failure(.io, "standard output cannot be written", remedy: "make room on the disk")
    }
  }

  /// Writes a result to standard output, as one line of JSON.
  static func write(_ value: JSONValue) throws(Failure) {
    try write(try value.json() + "\n")
  }

  /// Whether somebody watches standard error.
  static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns of text, the first aligned left and the others right, as wide as they have to be.
  static func table(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let gap = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + gap : gap + cell
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

/// A number with so many digits behind the point, whatever the locale.
func fixed(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}
