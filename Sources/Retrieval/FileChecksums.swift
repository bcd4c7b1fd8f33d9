import Diagnostics
import Files

/// The checksums of an index's files by name, against damage.
struct FileChecksums {
  private let sums: [(file: String, sum: String)]

  private static let prefix = "checksum of "

  /// The current checksum of a file.
  static func sum(ofFile path: String) throws(Failure) -> String { try checksum(ofFile: path) }

  /// The manifest's key for the checksum of a file.
  static func key(of file: String) -> String { prefix + file }

  /// The checksums in a manifest; nil if it has none.
  init?(of manifest: IndexManifest) {
    sums = manifest.options.filter { $0.key.hasPrefix(Self.prefix) }
      .map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    if sums.isEmpty { return nil }
  }

  /// The manifest's entries for files that were just written to a folder.
  static func entries(of files: [String], in folder: String) throws(Failure) -> [String: String] {
    var entries: [String: String] = [:]
    for file in files { entries[key(of: file)] = try checksum(ofFile: "\(folder)/\(file)") }
    return entries
  }

  /// Rejects files whose contents have changed since they were written.
  ///
  /// - Throws: `badData` naming the file; `missingInput` or `io` if it cannot be read.
  func check(_ folder: String) throws(Failure) {
    for (file, sum) in sums where try checksum(ofFile: "\(folder)/\(file)") != sum {
      throw Failure(
        .badData, "checksum mismatch: the file was changed or damaged",
        at: Place("\(folder)/\(file)"),
        remedy: "rebuild the index, or restore it from an intact copy")
    }
  }
}
