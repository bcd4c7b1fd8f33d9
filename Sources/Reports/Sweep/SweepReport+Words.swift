import Foundation
import Ranking
import Tables
import Training

extension SweepReport {
  /// A value of a key, short enough for a cell of a table.
  package static func short(_ value: String) -> String {
    value.count <= 40 ? value : value.prefix(38) + "…"
  }

  /// A setting with the values of its keys.
  package func describe(_ place: Int) -> String {
    let setting = settings[place]
    let values = zip(keys, setting.values).map { "\($0): \($1)" }
    return setting.name + (values.isEmpty ? "" : " (\(values.joined(separator: ", ")))")
  }

  /// What dev says of the settings, in a sentence or two; empty before a setting is finished.
  package var findings: [String] {
    guard let best, let mean = settings[best].mean else { return [] }
    let seeds = settings[best].runs.count
    let spread =
      settings[best].deviation.map { ", deviation \(fixed($0, 4)) over \(seeds) seeds" } ?? ""
    var lines = ["best on dev: \(describe(best)), \(measure) \(fixed(mean, 4))\(spread)"]
    if best == base {
      lines.append("no setting is better on dev than the recipe as it is written")
    } else if let comparison = againstBase.indices.contains(best) ? againstBase[best] : nil {
      let outcome =
        comparison.p >= 0.05
        ? "not different from" : comparison.difference > 0 ? "better than" : "worse than"
      lines.append(
        "it is \(outcome) the recipe as it is written: \(RunReport.signed(comparison.difference, 4)) "
          + "(95 % interval \(RunReport.signed(comparison.interval.low, 4)) to "
          + "\(RunReport.signed(comparison.interval.high, 4)), p "
          + "\(comparison.p < 0.0001 ? "" : "= ")\(RunReport.probability(comparison.p)), corrected)"
      )
    }
    let near = againstBest.count { $0.map { $0.p >= 0.05 } ?? false }
    if near > 0 {
      lines.append(
        "\(near) of \(settings.count - 1) other settings \(near == 1 ? "is" : "are") not different from "
          + "the best one on these queries")
    }
    let unstable = settings.filter { setting in
      setting.runs.contains { if case .failed = $0.state { true } else { false } }
    }
    if !unstable.isEmpty {
      lines.append(
        "runs failed in \(unstable.map(\.name).joined(separator: ", ")), which therefore cannot be chosen"
      )
    }
    return lines
  }

  /// How many runs have ended how.
  package var progress: String {
    let runs = runs
    let finished = runs.count { $0.state == .finished }
    let failed = runs.count { if case .failed = $0.state { true } else { false } }
    let open = runs.count - finished - failed
    return "\(finished) of \(runs.count) runs finished"
      + (failed > 0 ? ", \(failed) failed" : "") + (open > 0 ? ", \(open) not yet trained" : "")
  }

  /// The state of a setting's runs: "3 runs", "2 of 3 runs".
  func stateWords(_ setting: Setting) -> String {
    let finished = setting.runs.count { $0.state == .finished }
    let failed = setting.runs.count { if case .failed = $0.state { true } else { false } }
    let count = setting.runs.count
    let words = finished == count ? "\(count)" : "\(finished) of \(count)"
    return failed > 0 ? words + ", \(failed) failed" : words
  }

  /// The table of settings as plain text, the best one first.
  package func table(isBold: Bool) -> String {
    let best = best
    let rows = ranking.map { place -> [ReportTable.Cell] in
      let setting = settings[place]
      func difference(_ comparisons: [SettingComparison?]) -> [ReportTable.Cell] {
        guard comparisons.indices.contains(place), let found = comparisons[place] else {
          return [.init(text: ""), .init(text: "")]
        }
        return [
          .init(text: (found.difference < 0 ? "" : "+") + fixed(found.difference, 4)),
          .init(text: RunReport.probability(found.p)),
        ]
      }
      let versusBest = againstBest.indices.contains(place) ? againstBest[place] : nil
      var cells = [ReportTable.Cell(text: setting.name)]
      cells += setting.values.map { ReportTable.Cell(text: Self.short($0)) }
      cells.append(
        .init(text: setting.mean.map { fixed($0, 4) } ?? "", isBest: place == best))
      cells.append(.init(text: setting.deviation.map { fixed($0, 4) } ?? ""))
      cells.append(.init(text: stateWords(setting)))
      if base != nil { cells += difference(againstBase) }
      cells.append(.init(text: versusBest.map { RunReport.probability($0.p) } ?? ""))
      return cells
    }
    let comparison = base == nil ? [] : ["against base", "p"]
    return ReportTable(
      header: ["setting"] + keys + [measure, "deviation", "runs"] + comparison + ["p, best"],
      rows: rows
    ).plain(isBold: isBold)
  }
}
