import ArgumentParser
import Diagnostics
import Inspections

/// `ltr inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Says what a model, checkpoint, collection, index, run, qrels file or run directory is.",
    discussion: """
      Of a bundle that ltr export has written, every file is held against the checksums of its \
      manifest first. Of a collection, every record is read: what ltr index build refuses is \
      refused, and judged ids that the corpus or the queries lack are named.
      """)

  @Argument(help: "A file, a folder or an archive.")
  var path: String

  @OptionGroup var encoding: EncodingOption

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    var line: ProgressLine?
    defer { line?.finish() }
    let observer = Inspection.Observer { warning in
      line?.finish()
      Terminal.say("warning: \(warning)")
    } progress: { done, total in
      let shown = line ?? ProgressLine("documents checked", total: total)
      line = shown
      shown.show(Double(done))
    }
    let inspection = try Inspection(
      of: path, encoding: encoding.value(), observer: observer)
    if json {
      try Terminal.write(inspection.json)
    } else {
      try Terminal.write(try inspection.text())
    }
  }
}
