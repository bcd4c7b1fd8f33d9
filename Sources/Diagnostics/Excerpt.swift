/// A line of a user's text with a mark under a place in it.
public struct Excerpt: Sendable, Equatable, CustomStringConvertible {
  /// The most characters of a line that are shown on each side of the mark.
  private static let reach = 60

  /// The place, with line and column.
  public let place: Place
  /// The line.
  public let line: String

  /// An excerpt; nil if the place has no line and column, or the text has no such line.
  ///
  /// - Parameter lines: the lines of the text.
  public init?(of lines: [Substring], at place: Place) {
    guard let number = place.line, let column = place.column, column >= 1,
      lines.indices.contains(number - 1)
    else { return nil }
    let line = lines[number - 1]
    guard column <= line.count + 1 else { return nil }
    self.place = place
    self.line = String(line)
  }

  /// The line behind its number, and a caret under the place.
  public var description: String {
    let number = "\(place.line ?? 0)"
    let column = (place.column ?? 1) - 1
    let before = line.prefix(column).suffix(Self.reach)
    let after = line.dropFirst(column).prefix(Self.reach)
    let isCut = before.count < column
    let shown =
      (isCut ? "…" : "") + before + after
      + (column + after.count < line.count ? "…" : "")
    // Tabs stay tabs, so that the caret is under the place however wide they are.
    let blank = (isCut ? " " : "") + before.map { $0 == "\t" ? "\t" : " " }
    let margin = String(repeating: " ", count: number.count)
    return "    \(number) | \(shown)\n    \(margin) | \(blank)^"
  }
}
