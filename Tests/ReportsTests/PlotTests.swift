import Foundation
import Testing

import Reports

@Suite struct PlotTests {
  @Test func ticksAreRound() {
    let axis = Axis([0.31, 0.58], ticks: 5, isWide: true)
    #expect(axis.ticks.map(axis.label) == ["0.3", "0.4", "0.5", "0.6"])
    #expect(axis.range.lowerBound <= 0.31 && axis.range.upperBound >= 0.58)
    let steps = Axis([1, 120], ticks: 5, isWide: false)
    #expect(steps.ticks.map(steps.label) == ["50", "100"])
    #expect(steps.range == 1...120)
    // A single value, none, and what is not finite have an axis all the same.
    for values in [[0.5], [0], [], [.nan, .infinity, 2.0]] {
      let axis = Axis(values, ticks: 5, isWide: true)
      #expect(axis.range.upperBound > axis.range.lowerBound && !axis.ticks.isEmpty)
      #expect(axis.share(axis.range.upperBound) == 1)
    }
    #expect(Axis([1e-5, 5e-5], ticks: 4, isWide: true).ticks.count > 2)
  }

  @Test func linesAreThinnedAndSmoothed() {
    let points = (0..<1000).map { Plot.Point(Double($0), 1) }
    let thin = Plot.thinned(points, to: 100)
    #expect(thin.count == 100 && thin.allSatisfy { $0.y == 1 })
    #expect(thin[0].x == 4.5)
    // Weights ½ and 1 with a window of one: (½ · 0 + 1) / 1½.
    let smooth = Plot.smoothed([.init(0, 0), .init(1, 1)], window: 1)
    #expect(smooth[0].y == 0 && abs(smooth[1].y - 2.0 / 3) < 1e-15)
  }

  /// Every plot is well-formed XML with a title and a description, whatever its texts.
  @Test func svgIsWellFormed() throws {
    let plot = Plot(
      title: "<nDCG@10> & \"more\"", description: "a < b", xName: "step & more",
      series: [
        .init(
          name: "<model>", stroke: .solid(1),
          points: [.init(0, 0.1), .init(10, .nan), .init(20, 1)],
          marks: true),
        .init(name: "one", stroke: .dashed(2), points: [.init(3, 0.5)]),
        .init(name: "none", stroke: .dotted(3), points: []),
      ], marks: [(10, "<training>")])
    let svg = plot.svg(id: "p1")
    try requireWellFormed(svg)
    #expect(svg.contains(#"<title id="p1-t">&lt;nDCG@10&gt; &amp; &quot;more&quot;</title>"#))
    #expect(svg.contains(#"aria-labelledby="p1-t p1-d""#))
    #expect(!svg.contains("nan"))
  }
}

/// Parses markup as XML.
func requireWellFormed(_ text: String) throws {
  let parser = XMLDocumentCheck(text)
  try #require(parser.mistake == nil, "\(parser.mistake ?? "")")
}

/// Whether elements are closed in the order in which they were opened, and no bare `<` or `&` is in
/// the text.
struct XMLDocumentCheck {
  private(set) var mistake: String?

  private static let empty: Set = ["meta", "!doctype"]

  init(_ text: String) {
    var open: [String] = []
    var rest = text[...]
    while let start = rest.firstIndex(where: { $0 == "<" }) {
      guard let end = rest[start...].firstIndex(of: ">") else {
        mistake = "a tag without an end: \(rest[start...].prefix(40))"
        return
      }
      let tag = rest[rest.index(after: start)..<end]
      let name = tag.drop { $0 == "/" }.prefix { !$0.isWhitespace && $0 != "/" }.lowercased()
      if tag.hasPrefix("/") {
        guard open.popLast() == name else {
          mistake = "</\(name)> closes \(open.last ?? "nothing")"
          return
        }
      } else if !tag.hasSuffix("/"), !Self.empty.contains(name) {
        open.append(name)
      }
      rest = rest[rest.index(after: end)...]
      // What is in scripts and style sheets is no markup.
      if let raw = open.last, ["script", "style"].contains(raw),
        let close = rest.range(of: "</\(raw)>")
      {
        rest = rest[close.lowerBound...]
      }
    }
    if !open.isEmpty { mistake = "not closed: \(open)" }
  }
}
