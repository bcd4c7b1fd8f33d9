import Diagnostics
import Files
import Foundation
import Mustache
import Ranking

/// A report as a page: headings, figures and blocks, which the template turns into HTML.
package struct Page {
  /// A number at the head of the page.
  struct Figure {
    var name: String
    var value: String
    var note: String
    /// Whether it is of an order that training made.
    var isOwn: Bool
  }

  /// A cell of a table.
  struct Cell {
    var text: String
    /// The number to sort by; nil for the text.
    var number: Double?
    /// "up" or "down" for a gain or a loss, "best" for the best of a column.
    var look = ""

    init(_ text: String, _ number: Double? = nil, look: String = "") {
      (self.text, self.number, self.look) = (text, number, look)
    }
  }

  /// A table. Its first column holds the headings of the rows.
  struct Table {
    var caption: String
    var header: [String]
    var rows: [[Cell]]
    var note = ""
    var isSortable = false
    /// The number of columns at the start that hold text.
    var textColumns = 1
  }

  /// An order of documents in an example.
  struct Ranking {
    var name: String
    var documents: [(grade: String, isRelevant: Bool, text: String)]
  }

  /// A query with the beginnings of its rankings.
  struct Example {
    var title: String
    var gain: String
    var look: String
    var rankings: [Ranking]
  }

  /// A part of a section.
  enum Block {
    case text(String)
    case plots([Plot])
    /// SVG that is made here, over the whole width.
    case drawing(
      title: String, svg: String, legend: [(name: String, look: String)], description: String)
    case table(Table)
    case facts([(name: String, value: String)])
    case code(String, label: String)
    case examples([Example], title: String)
    case messages([(isWarning: Bool, text: String)])
    /// Blocks that are shown when asked for.
    case folded(String, [Block])
  }

  /// A section with its heading.
  struct Section {
    var id: String
    var title: String
    var blocks: [Block]
  }

  var title: String
  var heading: String
  var subheading = "training report"
  var lead: [Figure] = []
  var verdict: Verdict?
  var warning: String?
  var sections: [Section] = []

  /// The page as HTML.
  func html() throws(Failure) -> String {
    do {
      let template = try Markup.template(PageTemplate.page)
      let library = MustacheLibrary(
        templates: ["block": try Markup.template(PageTemplate.block)])
      return template.render(context, library: library)
    } catch {
      throw Failure(.software, "the template of reports is at fault: \(error)")
    }
  }

  private var context: [String: Any] {
    var numbers = PlotNumbers()
    var context: [String: Any] = [
      "title": title, "heading": heading, "subheading": subheading, "style": PageStyle.css,
      "script": PageScript.code, "scriptHash": Self.hash(PageScript.code),
      "hasLead": !lead.isEmpty,
      "lead": lead.map {
        ["name": $0.name, "value": $0.value, "note": $0.note, "look": $0.isOwn ? "own" : ""]
      },
      "sections": sections.map { section -> [String: Any] in
        [
          "id": section.id, "title": section.title,
          "blocks": section.blocks.map { $0.context(&numbers) },
        ]
      },
    ]
    if let warning { context["warning"] = warning }
    if let verdict {
      context["verdict"] = verdict.context
    }
    return context
  }

  /// The SHA-256 of a script as the page's content security policy names it, in base 64: no other
  /// script is run, whatever texts the page shows.
  package static func hash(_ script: String) -> String {
    let digits = Array(sha256(Bytes(Array(script.utf8))).utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { i in
      UInt8(String(decoding: digits[i..<i + 2], as: UTF8.self), radix: 16)
    }
    return Data(bytes).base64EncodedString()
  }
}

/// Numbers the plots of a page, for unique ids.
struct PlotNumbers {
  private var count = 0

  mutating func next() -> String {
    count += 1
    return "plot\(count)"
  }
}

extension Page.Block {
  /// What the template needs. A key that is missing would be looked up in the block around this one,
  /// so that all kinds are there.
  fileprivate func context(_ numbers: inout PlotNumbers) -> [String: Any] {
    let kinds = [
      "text", "plots", "drawing", "table", "facts", "code", "examples", "messages", "folded",
    ]
    let none = Dictionary(uniqueKeysWithValues: kinds.map { ($0, false as Any) })
    return none.merging(content(&numbers)) { _, own in own }
  }

  private func content(_ numbers: inout PlotNumbers) -> [String: Any] {
    switch self {
    case .text(let text): return ["text": text]
    case .plots(let plots):
      var figures: [[String: Any]] = []
      for plot in plots where !plot.isEmpty { figures.append(plot.context(id: numbers.next())) }
      return ["plots": ["figures": figures]]
    case .drawing(let title, let svg, let legend, let description):
      return [
        "drawing": [
          "title": title, "svg": svg, "description": description,
          "legend": legend.map { ["name": $0.name, "look": $0.look] },
        ] as [String: Any]
      ]
    case .table(let table): return ["table": table.context]
    case .facts(let facts):
      return ["facts": ["items": facts.map { ["name": $0.name, "value": $0.value] }]]
    case .code(let text, let label): return ["code": ["text": text, "label": label]]
    case .examples(let examples, let title):
      return ["examples": ["title": title, "items": examples.map(\.context)] as [String: Any]]
    case .messages(let messages):
      return [
        "messages": [
          "items": messages.map {
            ["look": $0.isWarning ? "warning" : "", "text": $0.text] as [String: Any]
          }
        ]
      ]
    case .folded(let title, let blocks):
      return [
        "folded": ["summary": title, "blocks": blocks.map { $0.context(&numbers) }]
          as [String: Any]
      ]
    }
  }
}

extension Verdict {
  fileprivate var context: [String: Any] {
    let word = outcome.rawValue
    var context: [String: Any] = [
      "tone": outcome == .notDifferent ? "same" : word,
      "outcome": word.prefix(1).uppercased() + word.dropFirst(),
      "reason": String(sentence.dropFirst(word.count)), "caveat": false, "advice": false,
    ]
    if let caveat { context["caveat"] = caveat }
    if !advice.isEmpty { context["advice"] = ["items": advice] }
    return context
  }
}

extension Page.Example {
  fileprivate var context: [String: Any] {
    [
      "heading": title, "gain": gain, "look": look,
      "rankings": rankings.map { ranking -> [String: Any] in
        [
          "name": ranking.name,
          "documents": ranking.documents.map { document -> [String: Any] in
            [
              "grade": document.grade, "look": document.isRelevant ? "relevant" : "",
              "text": document.text,
            ]
          },
        ]
      },
    ]
  }
}

extension Page.Table {
  fileprivate var context: [String: Any] {
    [
      "caption": caption, "note": note, "look": isSortable ? "sortable" : "",
      "header": header.enumerated().map { column, text in
        ["text": text, "look": column < textColumns ? "" : "n"]
      },
      "rows": rows.map { row -> [String: Any] in
        [
          "head": row.first?.text ?? "",
          "cells": row.enumerated().dropFirst().map { column, cell -> [String: Any] in
            var parts: [String: Any] = [
              "text": cell.text, "look": (column < textColumns ? "" : "n ") + cell.look,
            ]
            if isSortable, let number = cell.number { parts["sort"] = "\(number)" }
            return parts
          },
        ]
      },
    ]
  }
}

extension Plot {
  fileprivate func context(id: String) -> [String: Any] {
    [
      "title": title, "description": description, "svg": svg(id: id),
      "legend": series.filter { line in
        if case .faint = line.stroke { false } else { !line.points.isEmpty && !line.name.isEmpty }
      }.map { ["name": $0.name, "look": $0.stroke.classes] },
    ]
  }
}
