import Foundation
import Synchronization
import Tables

/// A line on the terminal with the progress of a task, its rate and the time left. If standard
/// error is not a terminal, or one that cannot draw a line again, nothing is written.
final class ProgressLine: Sendable {
  private struct State {
    var shown = ContinuousClock.Instant.now
    var isVisible = false
  }

  private let what: String
  private let total: Double
  private let start = ContinuousClock.Instant.now
  private let state = Mutex(State())
  /// Asked once: the environment takes longer to read than the work between two calls.
  private let isDrawn = Terminal.canRedraw(STDERR_FILENO)

  /// A line for `total` units named `what` (`pairs`).
  init(_ what: String, total: Int) {
    self.what = what
    self.total = Double(total)
  }

  /// Shows the number of units done, at most ten times a second. May be called on any thread.
  func show(_ done: Double) {
    guard isDrawn else { return }
    state.withLock { state in
      let now = ContinuousClock.Instant.now
      guard now - state.shown > .milliseconds(100) else { return }
      state.shown = now
      state.isVisible = true
      let seconds = (now - start) / .seconds(1)
      let rate = done / max(seconds, 1e-9)
      let left = rate > 0 ? (total - done) / rate : 0
      Self.write(
        "\r\u{1B}[K\(Int(done)) of \(Int(total)) \(what), \(fixed(rate, 1)) a second,"
          + " \(Self.duration(left)) left")
    }
  }

  /// Removes the line.
  func finish() {
    state.withLock { state in
      if state.isVisible { Self.write("\r\u{1B}[K") }
      state.isVisible = false
    }
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// A duration as text: `2 min 5 s`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole / 60 % 60) min"
  }
}
