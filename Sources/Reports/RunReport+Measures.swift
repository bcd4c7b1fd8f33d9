import Diagnostics
import Foundation
import Ranking
import Tables
import Training

extension RunReport {
  /// The measures of every split by order, with significance where the scores of single queries are
  /// known.
  func measureSection() throws(Failure) -> Page.Section {
    var blocks: [Page.Block] = []
    if let scores {
      for split in scores.splits.reversed() {
        let analysis = try RunAnalysis(scores, split: split)
        var own: [Page.Block] = [.table(measures(analysis))]
        for baseline in analysis.baselines.reversed() {
          if let family = try analysis.family(against: baseline) {
            own.append(.table(Self.comparisons(family, analysis)))
          }
        }
        // What counts is the last split; the others chose the model.
        blocks += blocks.isEmpty ? own : [.folded("Measures on \(split)", own)]
      }
    }
    if blocks.isEmpty {
      blocks = splits.reversed().map { .table(Self.stored($0.name, $0.metrics)) }
      if !blocks.isEmpty {
        blocks.append(
          .text(
            "This run holds no scores of single queries (scores.jsonl), so that there is no test of "
              + "significance."))
      }
    }
    if blocks.isEmpty {
      blocks = [.text("The run has no measures yet: they are written when training ends.")]
    }
    return Page.Section(id: "measures", title: "Measures", blocks: blocks)
  }

  private func measures(_ analysis: RunAnalysis) -> Page.Table {
    let stored = splits.first { $0.name == analysis.split }?.metrics
    let means = analysis.runs.map(\.evaluation.means)
    let names = analysis.measures.map(\.description)
    var rows = analysis.runs.enumerated().map { place, run in
      let own = means[place]
      return [Page.Cell(orderName(run.name))]
        + names.indices.map { m in
          let best = means.map { $0[m] }.max() ?? 0
          var text = fixed(own[m], 4)
          if let bounds = stored?.intervals?[run.name]?[names[m]], bounds.count == 2 {
            text += " [\(fixed(bounds[0], 3)), \(fixed(bounds[1], 3))]"
          }
          return Page.Cell(text, own[m], look: own[m] == best ? "best" : "")
        }
    }
    if let ceiling = analysis.runs.first?.ceiling.means {
      rows.append(
        [Page.Cell("perfect order of the candidates")] + ceiling.map { .init(fixed($0, 4)) })
    }
    let count = analysis.runs.first?.evaluation.queries.count ?? 0
    return Page.Table(
      caption: "Measures on \(analysis.split), \(count) queries", header: ["order"] + names,
      rows: rows,
      note: stored?.intervals == nil
        ? "" : "In brackets the 95 % intervals by the bootstrap over queries.")
  }

  private func orderName(_ order: String) -> String {
    guard order == RankingEvaluator.Order.fused, let fusionWeight else { return order }
    return "\(order) (first stage \(fixed(fusionWeight, 2)))"
  }

  /// The differences from a baseline, with wins, losses and p-values.
  static func comparisons(_ family: RunFamily, _ analysis: RunAnalysis) -> Page.Table {
    comparisons(
      family, caption: "Against \(family.runs[family.baseline].name) on \(analysis.split)")
  }

  /// The same under another caption.
  static func comparisons(
    _ family: RunFamily, caption: String, what: String = "order"
  ) -> Page.Table {
    let rows = family.members.map { member -> [Page.Cell] in
      let comparison = member.comparison
      let difference = comparison.difference
      let look = member.p < 0.05 ? (difference > 0 ? "up" : "down") : ""
      return [
        .init(family.runs[member.run].name),
        .init(comparison.measure.description),
        .init(signed(difference, 4) + member.mark, difference, look: look),
        .init("\(comparison.wins)", Double(comparison.wins)),
        .init("\(comparison.ties)", Double(comparison.ties)),
        .init("\(comparison.losses)", Double(comparison.losses)),
        .init(probability(member.tTest), member.tTest),
        .init(probability(member.randomization), member.randomization),
      ]
    }
    return Page.Table(
      caption: caption,
      header: [
        what, "measure", "difference", "wins", "ties", "losses", "p t-test", "p randomization",
      ],
      rows: rows,
      note: "\(family.method.prefix(1).uppercased())\(family.method.dropFirst()); p is after the "
        + "correction. \(family.legend)", isSortable: false, textColumns: 2)
  }

  /// The measures of a split by order.
  static func stored(_ split: String, _ metrics: TrainingMetrics.Split) -> Page.Table {
    let orders = RankingEvaluator.Order.all.filter { metrics.orders[$0] != nil }
    let names = Set(metrics.orders.values.flatMap(\.keys)).sorted()
    return Page.Table(
      caption: "Measures on \(split), \(metrics.queries) queries", header: ["order"] + names,
      rows: orders.map { order in
        [Page.Cell(order)]
          + names.map { name in .init(metrics.orders[order]?[name].map { fixed($0, 4) } ?? "") }
      })
  }

  /// A number with its sign.
  static func signed(_ value: Double, _ digits: Int) -> String {
    (value < 0 ? "\u{2212}" : "+") + fixed(abs(value), digits)
  }

  /// A p-value as text.
  static func probability(_ p: Double) -> String { p < 0.0001 ? "< 0.0001" : fixed(p, 4) }
}
