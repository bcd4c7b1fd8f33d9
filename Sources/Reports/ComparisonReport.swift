public import Diagnostics
import Foundation
package import Ranking
import Tables
public import Training

/// Everything that a page comparing several runs is made of, as plain values.
public struct ComparisonReport: Sendable {
  /// A run.
  public struct Entry: Sendable {
    /// Its name.
    public var name: String
    /// The course of its training; nil for a run file.
    public var history: RunHistory?

    /// A run with its course.
    public init(name: String, history: RunHistory?) { (self.name, self.history) = (name, history) }
  }

  /// A key of the recipe whose values differ, with a value for each run; nil for a run file, or for
  /// a key that a recipe does not have.
  public struct Difference: Sendable, Equatable {
    /// The dotted path of the key.
    public var key: String
    /// The values in the order of the runs.
    public var values: [String?]

    /// A difference.
    public init(key: String, values: [String?]) { (self.key, self.values) = (key, values) }
  }

  /// The runs.
  public var runs: [Entry]
  /// What their recipes differ in.
  public var differences: [Difference] = []
  /// Their measures, in the order of the runs; empty if they could not be measured.
  package var evaluated: [EvaluatedRun] = []
  /// Their comparison; nil without measures.
  package var family: RunFamily?
  /// What is measured: a split, or a file of judgments.
  public var measuredOn = ""
  /// Notes for the reader, such as on runs without scores.
  public var notes: [String] = []

  /// A comparison of runs; the rest is set afterwards.
  public init(_ runs: [Entry]) { self.runs = runs }

  /// The page: one file of HTML that needs no network.
  ///
  /// - Throws: `software` if the template is at fault.
  public func html() throws(Failure) -> String {
    var page = Page(
      title: "Comparison of \(runs.count) runs", heading: runs.map(\.name).joined(separator: ", "))
    page.subheading = "comparison of runs"
    page.sections = [measureSection, curveSection, recipeSection]
    if !notes.isEmpty {
      page.sections.append(
        .init(id: "notes", title: "Notes", blocks: [.messages(notes.map { (true, $0) })]))
    }
    return try page.html()
  }

  private var measureSection: Page.Section {
    var section = Page.Section(id: "measures", title: "Measures", blocks: [])
    guard let first = evaluated.first else {
      section.blocks = [.text("The runs hold no scores that could be measured.")]
      return section
    }
    let measures = first.evaluation.measures
    let best = measures.indices.map { m in evaluated.map { $0.evaluation.means[m] }.max() ?? 0 }
    let rows = evaluated.map { run in
      [Page.Cell(run.name), .init("\(run.evaluation.queries.count)")]
        + measures.indices.map { m in
          let mean = run.evaluation.means[m]
          return .init(fixed(mean, 4), mean, look: mean == best[m] ? "best" : "")
        }
    }
    section.blocks.append(
      .table(
        .init(
          caption: "Measures on \(measuredOn)",
          header: ["run", "queries"] + measures.map(\.description), rows: rows)))
    if let family {
      section.blocks.append(
        .table(
          RunReport.comparisons(
            family, caption: "Against \(family.runs[family.baseline].name)", what: "run")))
    }
    return section
  }

  private static let strokes: [Plot.Stroke] = [
    .solid(1), .dashed(2), .dotted(4), .solid(5), .dashed(6), .solid(2),
  ]

  private var curveSection: Page.Section {
    let courses = runs.enumerated().compactMap { place, run in
      run.history.map {
        (name: run.name, stroke: Self.strokes[place % Self.strokes.count], history: $0)
      }
    }
    var plots: [Plot] = []
    let measured = evaluated.first?.evaluation.measures.map(\.description) ?? []
    let names = courses.lazy.compactMap { $0.history.evaluations.first }.first.flatMap {
      $0.orders[RankingEvaluator.Order.model]?.keys.sorted {
        let (a, b) = (measured.firstIndex(of: $0), measured.firstIndex(of: $1))
        return (a ?? .max, $0) < (b ?? .max, $1)
      }
    }
    for measure in names ?? [] {
      let series =
        [Self.firstStage(courses.map(\.history), measure)]
        + courses.map { course in
          Plot.Series(
            name: course.name, stroke: course.stroke,
            points: course.history.evaluations.compactMap { evaluation in
              evaluation.orders[RankingEvaluator.Order.model]?[measure].map {
                .init(Double(evaluation.total), $0)
              }
            }, marks: true)
        }
      plots.append(
        Plot(
          title: "\(measure) on dev", description: Self.words(series), xName: "step",
          series: series))
    }
    let losses = courses.map { course in
      let last = course.history.phases.last?.name
      let points = course.history.steps.filter { $0.report.phase == last }.map {
        Plot.Point(Double($0.report.step), $0.report.loss)
      }
      return Plot.Series(
        name: course.name, stroke: course.stroke,
        points: Plot.thinned(Plot.smoothed(points, window: max(3, Double(points.count) / 20))))
    }
    plots.append(
      Plot(
        title: "Loss, smoothed",
        description: "Losses of different kinds have different scales. " + Self.words(losses),
        xName: "step of the last phase", series: losses))
    return Page.Section(
      id: "curves", title: "Curves",
      blocks: plots.allSatisfy(\.isEmpty)
        ? [.text("No run has a log with steps.")] : [.plots(plots)])
  }

  /// The first stage as a level line, if it is the same for all runs.
  private static func firstStage(_ histories: [RunHistory], _ measure: String) -> Plot.Series {
    let order = RankingEvaluator.Order.firstStage
    let values = Set(histories.map { $0.evaluations.last?.orders[order]?[measure] })
    let totals = histories.flatMap(\.evaluations).map { Double($0.total) }
    var points: [Plot.Point] = []
    if values.count == 1, let value = values.first ?? nil, let low = totals.min(),
      let high = totals.max()
    {
      points = [.init(low, value), .init(high, value)]
    }
    return Plot.Series(name: order, stroke: .dotted(3), points: points)
  }

  private static func words(_ series: [Plot.Series]) -> String {
    "At the end: "
      + series.compactMap { line in
        line.points.last.map { "\(line.name) \(Plot.number($0.y))" }
      }.joined(separator: ", ") + "."
  }

  private var recipeSection: Page.Section {
    let table = Page.Table(
      caption: "Keys of the recipes that differ", header: ["key"] + runs.map(\.name),
      rows: differences.map { difference in
        [Page.Cell(difference.key)] + difference.values.map { .init($0 ?? "") }
      }, textColumns: 1 + runs.count)
    return Page.Section(
      id: "recipes", title: "Recipes",
      blocks: [differences.isEmpty ? .text("The recipes do not differ.") : .table(table)])
  }
}
