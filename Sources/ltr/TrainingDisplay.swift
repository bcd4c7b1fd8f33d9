import Foundation
import Synchronization
import Tables
import Training

/// The progress of training on standard error: on a terminal a few lines that are drawn again in
/// place, elsewhere a line now and then; tables of measures, and notes.
final class TrainingDisplay: Sendable {
  /// The time between two lines of progress in a pipe.
  private static let pause = Duration.seconds(30)

  /// The state of the lines.
  private struct State {
    var block = LiveBlock()
    var history = RunHistory()
    var view: LiveView
    var shown = ContinuousClock.Instant.now
    /// The current task, and its start.
    var task = ""
    var began = ContinuousClock.Instant.now

    /// Whether the line may be updated: at most ten times a second, and for the last update.
    mutating func isDue(last: Bool, after pause: Duration = .milliseconds(100)) -> Bool {
      let now = ContinuousClock.now
      guard last || now - shown > pause else { return false }
      shown = now
      return true
    }
  }

  private let state: Mutex<State>
  private let redraws = Terminal.canRedraw(STDERR_FILENO)

  /// A display.
  ///
  /// - Parameter measure: the measure of dev to show in the lines; nil for the first one.
  init(measure: String? = nil) { state = Mutex(State(view: LiveView(measure: measure))) }

  /// Shows an event.
  func show(_ event: TrainingEvent) {
    state.withLock { state in
      state.history.add(event)
      state.view.follow(&state.history)
    }
    switch event {
    case .step(let step): showLines(isLast: step.step == step.steps)
    case .note(let text): say(text)
    case .warning(let text): say("warning: \(text)")
    case .phase(let name, let lists, let steps): say("\(name): \(lists) lists, \(steps) steps")
    case .checkpoint(let path): say("checkpoint: \(path)")
    case .resumed(let path, _, _, let totalSteps):
      say("resuming from \(path), after step \(totalSteps) of all")
    case .evaluation(let report, let split, let phase, let step, let isBest, let averaged):
      let average = averaged.map { ", moving average of \($0) steps" } ?? ""
      say(
        "\(split) after step \(step) of \(phase)\(average)\(isBest ? ", the best so far" : "")\n"
          + Self.table(report))
    case .average(let report): say(Self.line(report))
    }
  }

  /// Removes the moving lines.
  func finish() {
    state.withLock { state in
      if state.block.isVisible { Self.write(state.block.clearing()) }
      state.task = ""
    }
  }

  /// The table of measures for each order, with the ceiling.
  static func table(_ report: EvaluationReport) -> String {
    var rows = [[""] + report.measures]
    for order in report.orders {
      var name = order.name
      if order.name == RankingEvaluator.Order.fused, let weight = report.fusionWeight {
        name += " (first stage \(fixed(weight, 2)))"
      }
      rows.append([name] + order.means.map { fixed($0, 4) })
    }
    rows.append(["perfect order"] + report.ceiling.map { fixed($0, 4) })
    return alignedColumns(rows)
  }

  /// An average of weights, with its measure on dev.
  static func line(_ report: AverageReport) -> String {
    let what =
      switch report.kind {
      case .checkpoints(let steps):
        "the average of the models after steps \(steps.map(String.init).joined(separator: ", "))"
      case .base(0): "the base itself"
      case .base(let share): "the sum of \(share) of the trained weights and the rest of the base's"
      }
    let value = report.value.map { ": \(report.measure) \(fixed($0, 4)) on dev" } ?? ""
    return what + value + (report.isKept ? ", kept" : ", not kept")
  }

  private func say(_ text: String) {
    finish()
    Terminal.say(text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }

  /// Shows the progress of a long task, with its rate and the time left.
  func progress(_ what: String, _ done: Int, _ total: Int) {
    guard redraws else { return }
    let text: String? = state.withLock { state in
      if state.task != what { (state.task, state.began) = (what, .now) }
      guard state.isDue(last: done >= total) else { return nil }
      let seconds = (ContinuousClock.now - state.began) / .seconds(1)
      var line = "\(what)  \(100 * done / max(total, 1)) %"
      // The first call tells the task's start: there is no rate yet.
      if seconds > 0.1, done > 0 {
        let rate = Double(done) / seconds
        line +=
          "  \(Int(rate)) tokens/s  \(ProgressLine.duration(Double(total - done) / rate)) left"
      }
      return state.block.redrawing([String(line.prefix(Terminal.look(STDERR_FILENO).width))])
    }
    if let text { Self.write(text) }
  }

  private func showLines(isLast: Bool) {
    let text: String? = state.withLock { state in
      guard redraws else {
        let isDue = state.isDue(last: false, after: Self.pause)
        return isDue ? state.view.line.map { $0 + "\n" } : nil
      }
      guard state.isDue(last: isLast) else { return nil }
      return state.block.redrawing(state.view.lines(Terminal.look(STDERR_FILENO)))
    }
    if let text { Self.write(text) }
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
