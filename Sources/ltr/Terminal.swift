import Diagnostics
import Foundation
import JSON
import Tables

/// Writes results to standard output and messages to standard error.
enum Terminal {
  /// Writes one or more lines to standard error.
  static func say(_ text: String) {
    // If this write fails, nothing is left to report it to.
    try? FileHandle.standardError.write(
      contentsOf: Data((plainText(text, keepsLines: true) + "\n").utf8))
  }

  /// Writes text to standard output unchanged.
  ///
  /// - Throws: `io` if it cannot be written.
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

  /// Whether standard output is a terminal.
  static var isOutputWatched: Bool { isatty(STDOUT_FILENO) == 1 }
}
