import Foundation

/// Lines at the bottom of a terminal that are drawn again in place.
struct LiveBlock {
  private var shown = 0

  /// The text that replaces the lines shown before by others.
  mutating func redrawing(_ lines: [String]) -> String {
    let text = clearing() + lines.joined(separator: "\n")
    shown = lines.count
    return text
  }

  /// The text that removes the lines shown before.
  mutating func clearing() -> String {
    defer { shown = 0 }
    // The cursor is behind the last line.
    return shown == 0 ? "" : "\r" + (shown > 1 ? "\u{1B}[\(shown - 1)A" : "") + "\u{1B}[J"
  }

  /// Whether lines are shown.
  var isVisible: Bool { shown > 0 }
}

extension Terminal {
  /// Whether a descriptor is a terminal on which lines can be drawn again in place.
  static func canRedraw(_ descriptor: Int32) -> Bool {
    let kind = ProcessInfo.processInfo.environment["TERM"] ?? ""
    return isatty(descriptor) == 1 && kind != "dumb" && !kind.isEmpty
  }

  /// What a terminal can show: its width, one column less than it has, so that no line wraps; and
  /// colours unless NO_COLOR is set (https://no-color.org).
  static func look(_ descriptor: Int32) -> LiveView.Look {
    let environment = ProcessInfo.processInfo.environment
    var size = winsize()
    let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    let columns = isKnown ? Int(size.ws_col) : environment["COLUMNS"].flatMap { Int($0) } ?? 80
    return LiveView.Look(
      width: max(20, columns - 1),
      hasColor: canRedraw(descriptor) && (environment["NO_COLOR"] ?? "").isEmpty)
  }
}
