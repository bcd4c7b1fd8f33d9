import Foundation

/// A plot with a vertical axis for each of several properties, and a line through its values for each of
/// several things (Inselberg 1985). The last axis orders the things, the greatest one on top.
package struct ParallelPlot: Sendable {
  /// An axis with the value of every line.
  package struct Axis: Sendable {
    var name: String
    /// The heights of the values, from 0 at the bottom to 1.
    var heights: [Double]
    /// The texts beside the axis, with their heights.
    var labels: [(text: String, height: Double)]

    /// An axis of numbers.
    package init(name: String, numbers: [Double]) {
      let isLog = ParallelPlot.isLogarithmic(numbers)
      let scaled = isLog ? numbers.map { log10($0) } : numbers
      let (low, high) = (scaled.min() ?? 0, scaled.max() ?? 1)
      let range = high > low ? high - low : 1
      let heights = scaled.map { high > low ? ($0 - low) / range : 0.5 }
      let ends = high > low ? [low, (low + high) / 2, high] : [low]
      var labels = ends.map { end in
        (
          text: Plot.number(isLog ? pow(10, end) : end),
          height: high > low ? (end - low) / range : 0.5
        )
      }
      // The numbers themselves, where there are few.
      let distinct = Set(zip(numbers, heights).map { [$0.0, $0.1] })
      if distinct.count <= 6, high > low {
        labels = distinct.map { (text: Plot.number($0[0]), height: $0[1]) }
          .sorted { $0.height < $1.height }
      }
      self.init(name: name, heights: heights, labels: labels)
    }

    /// An axis of values as words, which are placed by size if all of them are numbers.
    package init(name: String, words: [String]) {
      let numbers = words.compactMap { Double($0) }
      if numbers.count == words.count {
        self.init(name: name, numbers: numbers)
        return
      }
      var known: [String] = []
      for word in words where !known.contains(word) { known.append(word) }
      let places = known.indices.map {
        known.count > 1 ? 1 - Double($0) / Double(known.count - 1) : 0.5
      }
      self.init(
        name: name,
        heights: words.map { word in known.firstIndex(of: word).map { places[$0] } ?? 0.5 },
        // More words than fit are in the titles of the lines.
        labels: known.count > 14 ? [] : zip(known, places).map { ($0, $1) })
    }

    private init(name: String, heights: [Double], labels: [(text: String, height: Double)]) {
      (self.name, self.heights, self.labels) = (name, heights, labels)
    }
  }

  /// A line.
  package struct Line: Sendable {
    /// How it is drawn.
    package enum Kind: Sendable { case best, base, other }

    var name: String
    var kind: Kind

    /// A line with its name.
    package init(name: String, kind: Kind) { (self.name, self.kind) = (name, kind) }
  }

  /// The heading, which is the plot's accessible name.
  package var title: String
  /// The axes, the measure last.
  package var axes: [Axis]
  /// The lines, in the order of the axes' values.
  package var lines: [Line]
  /// What it shows, for readers that speak.
  package var description: String

  package init(title: String, axes: [Axis], lines: [Line], description: String) {
    (self.title, self.axes, self.lines) = (title, axes, lines)
    self.description = description
  }

  /// Whether numbers are better shown by their logarithms: positive ones over more than a factor of
  /// twenty.
  static func isLogarithmic(_ numbers: [Double]) -> Bool {
    guard let low = numbers.min(), let high = numbers.max(), low > 0 else { return false }
    return high / low > 20
  }

  /// The kinds of lines with their looks.
  package var legend: [(name: String, look: String)] {
    var entries: [(name: String, look: String)] = []
    if lines.contains(where: { $0.kind == .best }) { entries.append(("best setting", "c1")) }
    if lines.contains(where: { $0.kind == .base }) {
      entries.append(("recipe as it is written", "c4 dashed"))
    }
    if lines.contains(where: { $0.kind == .other }) { entries.append(("other settings", "c3")) }
    return entries
  }

  /// The element `svg` with a title and a description, `id` being a prefix that is unique in its page.
  package func svg(id: String) -> String {
    let (left, right, top, bottom, height) = (30.0, 70.0, 34.0, 14.0, 300.0)
    let gap = 150.0
    let width = left + right + gap * Double(max(1, axes.count - 1))
    func x(_ axis: Int) -> Double { left + gap * Double(axis) }
    func y(_ share: Double) -> Double { top + (1 - share) * (height - top - bottom) }
    var text = """
      <svg viewBox="0 0 \(Int(width)) \(Int(height))" role="img" \
      aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\(Markup.escaped(title))</title>\
      <desc id="\(id)-d">\(Markup.escaped(description))</desc>
      """
    // The best one is drawn last, over the others.
    let ranks = axes.last?.heights ?? []
    let order = lines.indices.sorted { a, b in
      (lines[a].kind == .best ? 2 : ranks[a], a) < (lines[b].kind == .best ? 2 : ranks[b], b)
    }
    for line in order {
      let places = axes.indices.map { axis in
        Markup.coordinate(x(axis)) + " " + Markup.coordinate(y(axes[axis].heights[line]))
      }
      let look: String
      switch lines[line].kind {
      case .best: look = "line c1\""
      case .base: look = "line c4 dashed\""
      case .other:
        look = "line c3\" stroke-opacity=\"\(Markup.coordinate(0.2 + 0.7 * ranks[line]))\""
      }
      text +=
        "<path class=\"\(look) d=\"M\(places.joined(separator: "L"))\">"
        + "<title>\(Markup.escaped(lines[line].name))</title></path>"
    }
    for (place, axis) in axes.enumerated() {
      let across = Markup.coordinate(x(place))
      text +=
        "<path class=\"tick\" d=\"M\(across) \(Markup.coordinate(top))"
        + "V\(Markup.coordinate(height - bottom))\"/>"
      let anchor = place == 0 ? "start" : place == axes.count - 1 ? "end" : "middle"
      let start = place == 0 ? 0 : place == axes.count - 1 ? width : x(place)
      // Names of neighbours are on two lines, since they may be longer than the gap.
      text +=
        "<text class=\"name\" x=\"\(Markup.coordinate(start))\" y=\"\(place % 2 == 0 ? 11 : 25)\" "
        + "text-anchor=\"\(anchor)\">\(Markup.escaped(axis.name))</text>"
      for label in axis.labels {
        let name = label.text.count <= 16 ? label.text : label.text.prefix(15) + "…"
        text +=
          "<text class=\"halo\" x=\"\(Markup.coordinate(x(place) + 6))\" "
          + "y=\"\(Markup.coordinate(y(label.height)))\" dy=\".35em\">\(Markup.escaped(name))</text>"
      }
    }
    return text + "</svg>"
  }
}
