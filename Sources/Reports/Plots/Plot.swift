import Foundation

/// A plot of lines: what is drawn, and the words for those who do not see it.
package struct Plot: Sendable, Equatable {
  /// How a line looks. The number is that of its colour in the style sheet, from 1; colours never
  /// stand alone, so that lines of a plot differ in their strokes as well.
  package enum Stroke: Sendable, Equatable {
    case solid(Int)
    case dashed(Int)
    case dotted(Int)
    /// Thin and pale, behind the others, without an entry in the legend.
    case faint(Int)

    package var color: Int {
      switch self {
      case .solid(let color), .dashed(let color), .dotted(let color), .faint(let color): color
      }
    }

    /// The names of its classes in the style sheet.
    package var classes: String {
      switch self {
      case .solid(let color): "c\(color)"
      case .dashed(let color): "c\(color) dashed"
      case .dotted(let color): "c\(color) dotted"
      case .faint(let color): "c\(color) faint"
      }
    }
  }

  /// A point.
  package struct Point: Sendable, Equatable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// A line with its name in the legend.
  package struct Series: Sendable, Equatable {
    package var name: String
    package var stroke: Stroke
    package var points: [Point]
    /// Whether the points are marked; a single point always is.
    package var marks = false

    package init(name: String, stroke: Stroke, points: [Point], marks: Bool = false) {
      (self.name, self.stroke, self.points, self.marks) = (name, stroke, points, marks)
    }
  }

  /// The heading, which is the plot's accessible name.
  package var title: String
  /// What it shows, with the numbers that matter, for readers that speak.
  package var description: String
  /// The name of the horizontal axis.
  package var xName: String
  /// The lines, drawn in their order.
  package var series: [Series]
  /// A number that each axis shows, if it is not among the values.
  package var includes: Point?
  /// The ends of both axes, where they are the same whatever the values, such as of probabilities.
  package var bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>)?
  /// Values on the horizontal axis with a name, such as the start of a phase.
  package var marks: [(x: Double, name: String)] = []

  package init(
    title: String, description: String, xName: String, series: [Series], includes: Point? = nil,
    bounds: (x: ClosedRange<Double>, y: ClosedRange<Double>)? = nil,
    marks: [(x: Double, name: String)] = []
  ) {
    (self.title, self.description, self.xName) = (title, description, xName)
    (self.series, self.includes, self.bounds, self.marks) = (series, includes, bounds, marks)
  }

  package static func == (a: Plot, b: Plot) -> Bool { a.title == b.title && a.series == b.series }

  /// Whether there is anything to draw.
  package var isEmpty: Bool { series.allSatisfy { $0.points.isEmpty } }
}

extension Plot {
  /// A line's points, at most `count`: the mean of each stretch of neighbours.
  package static func thinned(_ points: [Point], to count: Int = 300) -> [Point] {
    guard points.count > count else { return points }
    return (0..<count).map { i in
      let part = points[(i * points.count / count)..<((i + 1) * points.count / count)]
      let number = Double(part.count)
      return Point(
        part.reduce(0) { $0 + $1.x } / number, part.reduce(0) { $0 + $1.y } / number)
    }
  }

  /// The moving average of a line, in which older points count ever less: by half after about
  /// `window` points.
  package static func smoothed(_ points: [Point], window: Double) -> [Point] {
    let keep = pow(0.5, 1 / max(1, window))
    var (sum, weight) = (0.0, 0.0)
    return points.map { point in
      sum = sum * keep + point.y
      weight = weight * keep + 1
      return Point(point.x, sum / weight)
    }
  }
}
