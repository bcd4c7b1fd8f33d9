public import Diagnostics
import Files

/// The checksums of an index's files, which detect damage; indexes of early versions have none.
extension IndexManifest {
  /// The files of the index whose checksums are missing from the manifest.
  public var filesWithoutChecksums: [String] {
    switch kind {
    case BM25Index.kind:
      BM25Index.FileName.checked.filter { options[FileChecksums.key(of: $0)] == nil }
    case DenseIndex.kind:
      options[.fileChecksum] == nil ? [DenseIndex.vectorFile] : []
    default: []
    }
  }

  /// Adds the missing checksums of an index's current files to its manifest.
  ///
  /// - Returns: the files whose checksums were added.
  /// - Throws: errors of reading the manifest and the files; `cannotCreate` or `io` if the manifest
  ///   cannot be written.
  public static func addChecksums(to folder: String) throws(Failure) -> [String] {
    var manifest = try IndexManifest(readingFrom: folder)
    let files = manifest.filesWithoutChecksums
    guard !files.isEmpty else { return [] }
    for file in files {
      let sum = try FileChecksums.sum(ofFile: folder + "/" + file)
      if manifest.kind == DenseIndex.kind {
        manifest.options[DenseOptions.Key.fileChecksum.rawValue] = sum
      } else {
        manifest.options[FileChecksums.key(of: file)] = sum
      }
    }
    try writeAtomically(manifest.text, to: folder + "/" + fileName)
    return files
  }

  /// A warning if damage to files of the index would not be detected; nil if all have checksums.
  package func checksumWarning(in folder: String) -> String? {
    let files = filesWithoutChecksums
    guard !files.isEmpty else { return nil }
    return "\(folder): no checksum is stored for \(files.joined(separator: ", ")), so damage may go"
      + " unnoticed; add checksums with 'ltr index add-checksums \(folder)'"
  }
}
