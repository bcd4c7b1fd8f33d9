import Diagnostics
import Files

/// The checksums of an index's files, by their names: what an index notices damage by.
struct FileChecksums {
  private let sums: [(file: String, sum: String)]

  private static let prefix = "checksum of "

  /// The checksum of a file as it is now.
  static func sum(ofFile path: String) throws(Failure) -> String { try checksum(ofFile: path) }

  /// Under which key a manifest has the checksum of a file.
  static func key(of file: String) -> String { prefix + file }

  /// Those that a manifest names; nil where it names none.
  init?(of manifest: IndexManifest) {
    sums = manifest.options.filter { $0.key.hasPrefix(Self.prefix) }
      .map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    if sums.isEmpty { return nil }
  }

  /// What a manifest says of files that were just written to a folder.
  static func entries(of files: [String], in folder: String) throws(Failure) -> [String: String] {
    var entries: [String: String] = [:]
    for file in files { entries[key(of: file)] = try checksum(ofFile: "\(folder)/\(file)") }
    return entries
  }

  /// Rejects files with other contents than those that were written.
  ///
  /// - Throws: `badData` naming the file; `missingInput` or `io` where it cannot be read.
  func check(_ folder: String) throws(Failure) {
    for (file, sum) in sums where try checksum(ofFile: "\(folder)/\(file)") != sum {
      throw Failure(
        .badData, "checksum mismatch: the file was changed or damaged",
        at: Place("\(folder)/\(file)"),
        remedy: "build the index again, or copy it again from where it is whole")
    }
  }
}
