import Diagnostics
import Foundation
import JSON

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
}
