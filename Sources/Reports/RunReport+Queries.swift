import Foundation
import Tables
import Training

extension RunReport {
  /// The most rows of the table of queries.
  static let mostRows = 400
  /// The number of examples with texts of greatest gains, and of greatest harms.
  static let examples = 6
  private static let documentsShown = 3
  private static let charactersShown = 260

  /// Wins and losses of single queries, with the texts of the extreme ones.
  func querySection(_ analysis: RunAnalysis?) -> Page.Section {
    var section = Page.Section(id: "queries", title: "Queries", blocks: [])
    guard let analysis, let own = analysis.best(of: RunAnalysis.ownOrders),
      let baseline = analysis.best(of: analysis.baselines)
    else {
      section.blocks = [.text(Self.withoutScores)]
      return section
    }
    let queries = analysis.perQuery()
    let texts = texts(analysis.split)
    let wins = queries.count { $0.gain > 1e-9 }
    let losses = queries.count { $0.gain < -1e-9 }
    section.blocks.append(
      .text(
        "By \(analysis.select) on \(analysis.split), \(own) is better than \(baseline) for \(wins) "
          + "queries, equal for \(queries.count - wins - losses), and worse for \(losses)."))
    let best = queries.prefix(Self.examples).filter { $0.gain > 1e-9 }
    let worst = queries.suffix(Self.examples).filter { $0.gain < -1e-9 }.reversed()
    for (title, part) in [("Greatest gains", Array(best)), ("Greatest harms", Array(worst))]
    where !part.isEmpty {
      section.blocks.append(
        .examples(part.map { example($0, [baseline, own], texts) }, title: title))
    }
    if texts == nil {
      section.blocks.append(
        .text("Texts are left out: the collection of the recipe cannot be opened from here."))
    }
    section.blocks.append(.table(table(queries, analysis, own, baseline, texts)))
    return section
  }

  static let withoutScores =
    "Left out: this run holds no scores of single queries (scores.jsonl), which are written when "
    + "training ends, and which runs of earlier versions and runs without dev and test do not have."

  private func table(
    _ queries: [RunAnalysis.Query], _ analysis: RunAnalysis, _ own: String, _ baseline: String,
    _ texts: Texts?
  ) -> Page.Table {
    let half = Self.mostRows / 2
    let isCut = queries.count > Self.mostRows
    let shown = isCut ? Array(queries.prefix(half)) + queries.suffix(half) : queries
    let rows = shown.map { query -> [Page.Cell] in
      let id = query.scored.query
      let text = texts?.query(id).map { "\(id): \(Self.short($0, 120))" } ?? id
      let look = query.gain > 1e-9 ? "up" : query.gain < -1e-9 ? "down" : ""
      return [Page.Cell(text)]
        + analysis.orders.map { order in
          let value = query.values[order] ?? 0
          return .init(fixed(value, 3), value)
        } + [.init(Self.signed(query.gain, 3), query.gain, look: look)]
    }
    return Page.Table(
      caption: "\(analysis.select) of single queries on \(analysis.split)",
      header: ["query"] + analysis.orders + ["gain"], rows: rows,
      note: "The gain is of \(own) over \(baseline)."
        + (isCut
          ? " The \(queries.count - Self.mostRows) queries with the smallest differences are left out."
          : ""),
      isSortable: true)
  }

  private func example(
    _ query: RunAnalysis.Query, _ orders: [String], _ texts: Texts?
  ) -> Page.Example {
    let scored = query.scored
    let rankings = orders.map { order in
      let places = scored.places(by: order)?.prefix(Self.documentsShown) ?? []
      return Page.Ranking(
        name: "\(order): \(fixed(query.values[order] ?? 0, 3))",
        documents: places.map { place in
          let id = scored.documents[place]
          let text = texts?.document(id).map { "\(id): \(Self.short($0, Self.charactersShown))" }
          return (
            Self.grade(scored.grades[place]),
            (scored.grades[place] ?? 0) >= (scores?.relevantFrom ?? 1), text ?? id
          )
        })
    }
    return Page.Example(
      title: texts?.query(scored.query).map { Self.short($0, 200) } ?? scored.query,
      gain: Self.signed(query.gain, 3), look: query.gain > 0 ? "up" : "down", rankings: rankings)
  }

  /// A grade in words.
  static func grade(_ grade: Double?) -> String {
    grade.map { "grade \(Plot.number($0))" } ?? "unjudged"
  }

  /// The beginning of a text, on one line.
  static func short(_ text: String, _ most: Int) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count <= most ? line : line.prefix(most - 1) + "…"
  }
}
