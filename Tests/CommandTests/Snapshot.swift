import Foundation
import Testing

/// Texts that the program prints, kept as files in `Snapshots`.
///
/// After a change that is meant, run the tests once with `LTR_WRITE_SNAPSHOTS=1` and look at the
/// differences.
enum Snapshot {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Snapshots")

  /// Compares a text with the snapshot of this name, or writes the snapshot where that is asked
  /// for.
  static func check(
    _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let url = folder.appending(path: name + ".txt")
    if ProcessInfo.processInfo.environment["LTR_WRITE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: url)
      return
    }
    let expected = try? String(contentsOf: url, encoding: .utf8)
    #expect(
      text == expected, "Snapshots/\(name).txt differs; LTR_WRITE_SNAPSHOTS=1 rewrites it",
      sourceLocation: sourceLocation)
  }
}
