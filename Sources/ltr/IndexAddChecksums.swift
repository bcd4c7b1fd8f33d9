import ArgumentParser
import Diagnostics
import Inference
import Retrieval

/// `ltr index add-checksums`.
struct IndexAddChecksums: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-checksums",
    abstract: "Adds the checksums that an index of an early version lacks.",
    discussion: """
      The checksums in index.json reveal damage to an index's files. The index is opened before they \
      are added, which reveals only some of the existing damage: rebuild an index whose files may have \
      changed.
      """)

  @Argument(help: "The folder of the index.")
  var folder: String

  func run() throws {
    let manifest = try IndexManifest(readingFrom: folder)
    _ = try IndexReader.open(
      folder, manifest,
      IndexOpening(isSearched: false, postingsCheck: IndexCheckPostings.check))
    let files = try IndexManifest.addChecksums(to: folder)
    try Terminal.write(
      files.isEmpty
        ? "all files already had checksums\n"
        : "added: \(files.joined(separator: ", "))\n")
  }
}
