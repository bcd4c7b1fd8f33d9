import Tables

/// The tables that `ltr evaluate` prints.
package struct EvaluationTables: Sendable {
  private let runs: [EvaluatedRun]
  private let family: RunFamily?
  private let measures: [Measure]

  /// The tables of runs by measures, and of their comparisons if there are several runs.
  package init(_ runs: [EvaluatedRun], _ family: RunFamily?, _ measures: [Measure]) {
    self.runs = runs
    self.family = family
    self.measures = measures
  }

  /// All tables, separated by blank lines.
  package func plain(perQuery: Bool, isBold: Bool) -> String {
    ([results(perQuery: perQuery)] + comparisons + depths).map { $0.plain(isBold: isBold) }
      .joined(separator: "\n")
  }

  /// All tables in Markdown.
  package var markdown: String {
    ([results(perQuery: false)] + comparisons + depths).map(\.markdown).joined(separator: "\n")
  }

  /// The runs, marked if they differ from the baseline, and the table of depths if requested.
  package var tex: String {
    var runs = results(perQuery: false)
    if let family { runs.notes.append(family.method) }
    return ([runs] + depths).map(\.tex).joined(separator: "\n")
  }

  /// One row per run, preceded by a row for each of its queries if requested, and at the end the
  /// ceiling of the best order of the candidates.
  private func results(perQuery: Bool) -> ReportTable {
    let best = bestMeans
    var rows: [[ReportTable.Cell]] = []
    for (index, run) in runs.enumerated() {
      if perQuery { rows += queries(of: run) }
      let values = run.evaluation.means.enumerated().map { m, mean in
        ReportTable.Cell(
          text: fixed(mean, 4), isBest: best.map { fixed($0[m], 4) == fixed(mean, 4) } ?? false,
          mark: family?.member(run: index, measure: m)?.mark ?? "")
      }
      rows.append([.init(text: run.name), .init(text: "\(run.evaluation.queries.count)")] + values)
    }
    return ReportTable(
      header: ["run", "queries"] + measures.map(\.description), rows: rows,
      foot: ceilings,
      notes: family.map { family in
        family.members.contains { !$0.mark.isEmpty } ? [family.legend] : []
      } ?? [])
  }

  private func queries(of run: EvaluatedRun) -> [[ReportTable.Cell]] {
    let evaluation = run.evaluation
    return evaluation.queries.enumerated().map { index, query in
      [.init(text: "\(run.name) \(query)"), .init(text: "")]
        + evaluation.values.map { .init(text: fixed($0[index], 4)) }
    }
  }

  /// A single row if all runs have the same ceiling, as rerankings of the same candidates do.
  private var ceilings: [[ReportTable.Cell]] {
    func row(_ name: String, _ run: EvaluatedRun) -> [ReportTable.Cell] {
      [.init(text: name), .init(text: "")] + run.ceiling.means.map { .init(text: fixed($0, 4)) }
    }
    guard let first = runs.first else { return [] }
    if runs.allSatisfy({ $0.ceiling.means == first.ceiling.means }) {
      return [row("  ceiling", first)]
    }
    return runs.map { row("  ceiling of \($0.name)", $0) }
  }

  /// The greatest mean of each measure; nil if the means are not comparable.
  private var bestMeans: [Double]? {
    guard let family, family.isOfSameQueries else { return nil }
    return measures.indices.map { m in runs.map { $0.evaluation.means[m] }.max() ?? 0 }
  }

  private var comparisons: [ReportTable] {
    guard let family else { return [] }
    let isCorrected = family.size > 1
    let tests =
      isCorrected ? ["p t-test", "Holm", "p random.", "Holm"] : ["p t-test", "p random."]
    let rows = family.members.map { member in
      let comparison = member.comparison
      let p =
        isCorrected
        ? [
          comparison.tTest.p, member.tTest, comparison.randomizationTest.p, member.randomization,
        ] : [comparison.tTest.p, comparison.randomizationTest.p]
      return
        ([
          runs[member.run].name, comparison.measure.description, "\(comparison.queries)",
          (comparison.difference < 0 ? "" : "+") + fixed(comparison.difference, 4),
          "\(comparison.wins)", "\(comparison.ties)", "\(comparison.losses)",
        ] + p.map(Self.probability)).map { ReportTable.Cell(text: $0) }
    }
    return [
      ReportTable(
        title: "against \(runs[family.baseline].name)",
        header: ["run", "measure", "queries", "difference", "wins", "ties", "losses"] + tests,
        rows: rows, notes: [family.method])
    ]
  }

  private static func probability(_ p: Double) -> String {
    p < 0.0001 ? "<0.0001" : fixed(p, 4)
  }

  private var depths: [ReportTable] {
    let recall = (try? DepthCeiling.recall(for: measures))?.description
    return runs.filter { !$0.depths.isEmpty }.map { run in
      ReportTable(
        title: "ceiling of \(run.name): recall of the first documents, and measures of their"
          + " ideal order",
        header: ["documents", recall == "R" ? "recall" : recall ?? "recall"]
          + measures.map(\.description),
        rows: run.depths.map { depth in
          (["first \(depth.depth)", fixed(depth.recall, 4)]
            + depth.ceilings.map { fixed($0, 4) }).map { ReportTable.Cell(text: $0) }
        })
    }
  }
}
