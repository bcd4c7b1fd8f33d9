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
      Damage to an index is noticed by the checksums of its files, which its index.json names. The \
      index is opened before they are added: what is damaged already is not all seen, so build it \
      again where its files may have changed.
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
        ? "the checksums of all files were there\n"
        : "added: \(files.joined(separator: ", "))\n")
  }
}
