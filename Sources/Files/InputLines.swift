package import Diagnostics
package import Foundation

/// The lines of standard input, as bytes, read as they arrive.
package struct InputLines {
  private let source: FileHandle
  private var pending: [UInt8] = []
  private var position = 0
  /// No line ends between `position` and this index, so that a long line is searched only once.
  private var searched = 0
  private var hasEnded = false
  private var isFirst = true

  /// The lines of standard input, or of another file that is read while it grows.
  package init(_ source: FileHandle = .standardInput) { self.source = source }

  /// The next line without its line end, or nil at the end of the input.
  ///
  /// - Throws: `badData` if the input begins like UTF-16.
  package mutating func next() throws(Failure) -> Bytes? {
    while true {
      let newline = pending[searched...].firstIndex(of: UInt8(ascii: "\n"))
      if let end = newline ?? (hasEnded ? pending.count : nil) {
        if hasEnded, position == pending.count { return nil }
        var line = pending[position..<end]
        position = min(end + 1, pending.count)
        searched = position
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return try text(Array(line))
      }
      pending.removeSubrange(..<position)
      position = 0
      searched = pending.count
      let more = source.availableData
      if more.isEmpty { hasEnded = true } else { pending += more }
    }
  }

  /// A line without a byte-order mark, which the first may have.
  private mutating func text(_ line: [UInt8]) throws(Failure) -> Bytes {
    guard isFirst else { return Bytes(line) }
    isFirst = false
    if line.starts(with: [0xFF, 0xFE]) || line.starts(with: [0xFE, 0xFF]) || line.contains(0) {
      throw Failure(
        .badData, "standard input is UTF-16, not UTF-8",
        at: Place("standard input", line: 1), expected: "UTF-8",
        remedy: "name the input with --input FILE: files may be UTF-16")
    }
    return Bytes(line.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(line.dropFirst(3)) : line)
  }
}
