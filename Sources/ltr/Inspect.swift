import ArgumentParser
import Diagnostics
import Inspections

/// `ltr inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Describes a model, checkpoint, collection, index, run, qrels file, run directory or sweep.",
    discussion: """
      Every file of a bundle written by ltr export is first compared with its checksum in the \
      manifest. Every record of a collection is read: records that ltr index build rejects are \
      rejected, and judged ids that are missing from the corpus or the queries are reported. Of a \
      sweep every run is shown, with its values, its state and its measure on dev so far.
      """)

  @Argument(help: "A file, a folder or an archive; or hf:org/name.")
  var path: String

  @OptionGroup var collectionOptions: CollectionOptions

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
    if SweepFolder(path).isRecognised {
      let sweep = try SweepProgress(SweepFolder(path))
      if json { return try Terminal.write(sweep.json) }
      return try Terminal.write(sweep.text(isBold: Terminal.isOutputWatched))
    }
    let inspection = try Inspection(
      of: path, as: collectionOptions.value(), observer: observer)
    if json {
      try Terminal.write(inspection.json)
    } else {
      try Terminal.write(try inspection.text())
    }
  }
}
