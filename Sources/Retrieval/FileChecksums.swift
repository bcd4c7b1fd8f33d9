import Diagnostics
import Files

/// The checksums of an index's files, by their names: what an index notices damage by.
struct FileChecksums {
  private let sums: [(file: String, sum: String)]

  private static let prefix = "checksum of "

  /// Those that a manifest names; nil where it names none.
  init?(of manifest: IndexManifest) {
    sums = manifest.options.filter { $0.key.hasPrefix(Self.prefix) }
      .map { (String($0.key.dropFirst(Self.prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    if sums.isEmpty { return nil }
  }

  /// What a manifest says of files that were just written to a folder.
  static func entries(of files: [String], in folder: String) throws(Failure) -> [String: String] {
    var entries: [String: String] = [:]
    for file in files { entries[prefix + file] = try checksum(ofFile: "\(folder)/\(file)") }
    return entries
  }

  /// Says no to files with other contents than those that were written.
  ///
  /// - Throws: `badData` naming the file; `missingInput` or `io` where it cannot be read.
  func check(_ folder: String) throws(Failure) {
    for (file, sum) in sums where try checksum(ofFile: "\(folder)/\(file)") != sum {
      throw Failure(
        .badData, "the index is not what was written here: the checksum of a file is another",
        at: Place("\(folder)/\(file)"),
        remedy: "build the index again, or copy it again from where it is whole")
    }
  }
}
