import Foundation

/// The SVG of a plot. Colours, line widths and fonts are in the page's style sheet, so that it follows
/// the light and the dark scheme.
extension Plot {
  private static let width = 420.0
  private static let height = 236.0
  private static let (left, right, top, bottom) = (46.0, 12.0, 10.0, 38.0)

  /// The element `svg` with a title and a description, `id` being a prefix that is unique in its page.
  package func svg(id: String) -> String {
    let points = series.flatMap(\.points) + (includes.map { [$0] } ?? [])
    let xAxis = Axis(
      bounds.map { [$0.x.lowerBound, $0.x.upperBound] } ?? points.map(\.x), ticks: 5, isWide: false)
    let yAxis = Axis(
      bounds.map { [$0.y.lowerBound, $0.y.upperBound] } ?? points.map(\.y), ticks: 5, isWide: true)
    let frame = Frame(x: xAxis, y: yAxis)
    var text = """
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
      aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\(Markup.escaped(title))</title>\
      <desc id="\(id)-d">\(Markup.escaped(description))</desc>
      """
    text += Self.grid(frame) + names(frame)
    for line in series where !line.points.isEmpty { text += Self.path(line, frame) }
    return text + "</svg>"
  }

  /// Where numbers lie on the drawing.
  private struct Frame {
    var x: Axis
    var y: Axis

    func place(_ point: Point) -> (x: String, y: String) {
      (Markup.coordinate(across(point.x)), Markup.coordinate(down(point.y)))
    }

    func across(_ value: Double) -> Double {
      Plot.left + min(1, max(0, x.share(value))) * (Plot.width - Plot.left - Plot.right)
    }

    func down(_ value: Double) -> Double {
      Plot.height - Plot.bottom
        - min(1, max(0, y.share(value))) * (Plot.height - Plot.top - Plot.bottom)
    }
  }

  private static func grid(_ frame: Frame) -> String {
    var text = ""
    let (start, end) = (Markup.coordinate(left), Markup.coordinate(width - right))
    for tick in frame.y.ticks {
      let y = Markup.coordinate(frame.down(tick))
      text += "<path class=\"grid\" d=\"M\(start) \(y)H\(end)\"/>"
      text +=
        "<text x=\"\(Markup.coordinate(left - 6))\" y=\"\(y)\" dy=\".35em\" text-anchor=\"end\">"
        + "\(Markup.escaped(frame.y.label(tick)))</text>"
    }
    let floor = height - bottom
    for tick in frame.x.ticks {
      let x = Markup.coordinate(frame.across(tick))
      text += "<path class=\"tick\" d=\"M\(x) \(Markup.coordinate(floor))v4\"/>"
      text +=
        "<text x=\"\(x)\" y=\"\(Markup.coordinate(floor + 17))\" text-anchor=\"middle\">"
        + "\(Markup.escaped(frame.x.label(tick)))</text>"
    }
    return text
  }

  private func names(_ frame: Frame) -> String {
    let floor = Self.height - Self.bottom
    var text =
      "<text class=\"name\" x=\"\(Markup.coordinate((Self.left + Self.width - Self.right) / 2))\" "
      + "y=\"\(Markup.coordinate(Self.height - 4))\" text-anchor=\"middle\">"
      + "\(Markup.escaped(xName))</text>"
    for mark in marks where frame.x.range.contains(mark.x) {
      let x = frame.across(mark.x)
      let isLate = x > Self.width * 0.7
      text +=
        "<path class=\"mark\" d=\"M\(Markup.coordinate(x)) \(Markup.coordinate(Self.top))"
        + "V\(Markup.coordinate(floor))\"/>"
        + "<text class=\"name\" x=\"\(Markup.coordinate(x + (isLate ? -4 : 4)))\" "
        + "y=\"\(Markup.coordinate(floor - 6))\" text-anchor=\"\(isLate ? "end" : "start")\">"
        + "\(Markup.escaped(mark.name))</text>"
    }
    return text
  }

  private static func path(_ line: Series, _ frame: Frame) -> String {
    var text = ""
    let finite = line.points.filter { $0.x.isFinite && $0.y.isFinite }
    if finite.count > 1 {
      var path = ""
      for point in finite {
        let place = frame.place(point)
        path += "\(path.isEmpty ? "M" : "L")\(place.x) \(place.y)"
      }
      text += "<path class=\"line \(line.stroke.classes)\" d=\"\(path)\"/>"
    }
    if line.marks || finite.count == 1 {
      for point in finite {
        let place = frame.place(point)
        text +=
          "<circle class=\"dot c\(line.stroke.color)\" cx=\"\(place.x)\" cy=\"\(place.y)\" r=\"3.2\">"
          + "<title>\(Markup.escaped(line.name)): \(Markup.escaped(Self.number(point.y))) "
          + "(\(Markup.escaped(number(point.x))))</title></circle>"
      }
    }
    return text
  }

  /// Up to four significant decimals.
  static func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e6 { return String(Int(value)) }
    return String(format: "%.4g", value)
  }
}
