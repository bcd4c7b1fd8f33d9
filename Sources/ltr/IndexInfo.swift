import ArgumentParser
import Diagnostics
import Inference
import Inspections
import Retrieval

/// `ltr index info`.
struct IndexInfo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Describes an index: its contents and how it was built.")

  @Argument(help: "The folder of the index.")
  var folder: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    // Opened, so that an index that cannot be searched is not reported as intact.
    let index = try IndexKind.openIndex(in: folder, IndexOpening(isSearched: false))
    let description = Inspection.index(index.manifest, in: folder)
    if json {
      try Terminal.write(description.json)
    } else {
      try Terminal.write(description.text())
    }
  }
}
