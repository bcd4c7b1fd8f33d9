import Diagnostics
import Export
import Foundation

/// Where results and messages go.
enum Terminal {
  /// Writes a line, or several, to standard error.
  static func say(_ text: String) {
    // There is nowhere left to report that this failed.
    try? FileHandle.standardError.write(contentsOf: Data((plain(text, breaks: true) + "\n").utf8))
  }

  /// Text of files and from elsewhere without what a terminal takes for commands.
  ///
  /// - Parameter breaks: whether lines may end in it.
  static func plain(_ text: String, breaks: Bool = false) -> String {
    func isCommand(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0x0A: !breaks
      case 0x09: false
      default: scalar.properties.generalCategory == .control
      }
    }
    guard text.unicodeScalars.contains(where: isCommand) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { isCommand($0) ? "\u{FFFD}" : $0 }))
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

  /// Whether somebody watches standard output.
  static var isOutputWatched: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns of text, the first aligned left and the others right, as wide as they have to be.
  /// Cells for which `isBold` holds are in bold type, which only a terminal can show.
  static func table(
    _ rows: [[String]], isBold: (_ row: Int, _ column: Int) -> Bool = { _, _ in false }
  ) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
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
}

/// A number with so many digits behind the point, whatever the locale.
func fixed(_ value: Double, _ digits: Int) -> String {
  String(format: "%.\(digits)f", value)
}
