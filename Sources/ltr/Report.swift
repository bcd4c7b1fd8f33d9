import ArgumentParser
import Diagnostics
import Files
import Reports
import Training

/// `ltr report`.
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the report of a training run: one page of HTML that needs no network.",
    discussion: """
      Curves with the baselines, measures with significance, wins and losses of single queries with \
      their texts, scores by grade, calibration, quality and time by depth, recipe, data and machine. \
      'ltr train' writes it at the end as report.html; this command writes it again, also for a run \
      that goes on. What the run's folder lacks is left out. Texts are read from the collection that \
      the recipe names.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "The file to write, '-' for standard output. (default: report.html in the run's folder)",
      valueName: "file"))
  var output: String?

  func run() throws {
    let directory = RunDirectory(path)
    let html = try RunReport(of: directory).html()
    if output == "-" { return try Terminal.write(html) }
    let target = output ?? directory.report
    // The report in the run's own folder is made of what is there: writing it again loses nothing.
    try writeAtomically(html, to: target)
    try Terminal.write("report: \(target)\n")
  }
}
