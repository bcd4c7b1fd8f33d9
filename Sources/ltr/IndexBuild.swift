import ArgumentParser
import Corpora
import Diagnostics
import Files
import Inspections
import Retrieval

/// `ltr index build`.
struct IndexBuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Builds an index of a collection's documents.",
    discussion: """
      The kinds are: \(IndexKind.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; ")). \
      The folder is written completely or not at all. With --add, documents that were appended to \
      the collection are added to an existing index; the index keeps its options, and is not changed \
      until all documents are added.
      """)

  @Option(help: ArgumentHelp("The collection.", valueName: "path"))
  var collection: String

  @OptionGroup var collectionOptions: CollectionOptions

  @Option(help: ArgumentHelp("The kind of index.", valueName: "name"))
  var kind = "bm25"

  @Option(help: ArgumentHelp("The folder of the index.", valueName: "folder"))
  var output: String

  @Flag(help: "Replace the index in the folder.")
  var overwrite = false

  @Flag(help: "Add the collection's new documents to the index in the folder.")
  var add = false

  @Flag(help: "Print a summary of the build as JSON.")
  var json = false

  @OptionGroup(title: "Options of bm25") var bm25: BM25BuildOptions

  @OptionGroup(title: "Options of dense") var dense: DenseBuildArguments

  func validate() throws {
    guard !(add && overwrite) else {
      throw ValidationError("--add keeps the existing index, --overwrite replaces it: give one.")
    }
  }

  func run() throws {
    let kind = try chosenKind()
    try checkOutput()
    let form = try collectionOptions.value()
    let collection = try Reading.collection(collection, form)
    if add, let warning = try IndexManifest(readingFrom: output).checksumWarning(in: output) {
      Terminal.say("warning: \(warning)")
    }
    let manifest = try kind.build(self, collection)
    try Terminal.check(collection.emptyTexts)
    let description = Inspection.index(manifest, in: output)
    if json {
      try Terminal.write(description.json)
    } else {
      try Terminal.write(description.text())
    }
  }

  /// The requested kind.
  ///
  /// - Throws: `usage` for an unknown kind, for options of a different kind, and for options that
  ///   an existing index already has.
  private func chosenKind() throws(Failure) -> IndexKind {
    let kind = try IndexKind.named(add ? try IndexManifest(readingFrom: output).kind : kind)
    for other in IndexKind.all where other.name != kind.name {
      if let option = other.optionsGiven(self).first {
        throw Failure(
          .usage, "\(option) is for an index of the kind '\(other.name)', not '\(kind.name)'",
          remedy: "omit it, or give --kind \(other.name)")
      }
    }
    if add, let option = kind.optionsGiven(self).first {
      throw Failure(
        .usage, "\(option) cannot be given with --add: an index keeps its options",
        remedy: "omit it, or rebuild the index with --overwrite")
    }
    return kind
  }

  /// Rejects an output folder that could not be written, before the index is built.
  private func checkOutput() throws(Failure) {
    if add { return }
    try OutputCheck.folder(output, overwrite: overwrite, or: "give --add for new documents") {
      $0.contains(IndexManifest.fileName) ? .output("an index") : .otherThan("an index")
    }
  }
}
