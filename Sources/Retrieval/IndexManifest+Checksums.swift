public import Diagnostics
import Files

/// What an index notices damage by: the checksums of its files, which those that early versions
/// wrote lack.
extension IndexManifest {
  /// The files of the index whose checksums the manifest should name and does not.
  public var filesWithoutChecksums: [String] {
    switch kind {
    case BM25Index.kind:
      BM25Index.FileName.checked.filter { options[FileChecksums.key(of: $0)] == nil }
    case DenseIndex.kind:
      options[.fileChecksum] == nil ? [DenseIndex.vectorFile] : []
    default: []
    }
  }

  /// Adds the checksums that the index in a folder lacks, of its files as they are now.
  ///
  /// - Returns: the files whose checksums were added.
  /// - Throws: what reading the manifest and the files does; `cannotCreate` or `io` where the
  ///   manifest cannot be written.
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

  /// A warning where damage to files of the index would go unnoticed; nil where all have checksums.
  package func checksumWarning(in folder: String) -> String? {
    let files = filesWithoutChecksums
    guard !files.isEmpty else { return nil }
    return "\(folder): no checksum of \(files.joined(separator: ", ")), so damage may go"
      + " unnoticed; add it: ltr index add-checksums \(folder)"
  }
}
