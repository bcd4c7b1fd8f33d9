import ArgumentParser
import Diagnostics
import Export

/// `ltr inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Says what a model, checkpoint, collection, index, run, qrels file or run directory is.",
    discussion: """
      Of a bundle that ltr export has written, every file is held against the checksums of its \
      manifest first.
      """)

  @Argument(help: "A file, a folder or an archive.")
  var path: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let inspection = try Inspection(of: path)
    if json {
      try Terminal.write(inspection.json)
    } else {
      try Terminal.write(try inspection.text())
    }
  }
}
