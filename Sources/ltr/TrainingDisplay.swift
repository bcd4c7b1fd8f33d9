import Foundation
import Synchronization
import Tables
import Training

/// The progress of training on standard error: a moving line on a terminal, tables of measures, and
/// notes. A pipe gets no moving line.
final class TrainingDisplay: Sendable {
  /// The state of the moving line.
  private struct State {
    var isVisible = false
    var shown = ContinuousClock.Instant.now
    /// The current task, and its start.
    var task = ""
    var began = ContinuousClock.Instant.now

    /// Whether the line may be updated: at most ten times a second, and for the last update.
    mutating func isDue(last: Bool) -> Bool {
      let now = ContinuousClock.now
      guard last || now - shown > .milliseconds(100) else { return false }
      shown = now
      isVisible = true
      return true
    }
  }

  private let state = Mutex(State())

  /// Shows an event.
  func show(_ event: TrainingEvent) {
    switch event {
    case .step(let step): showLine(step)
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

  /// Removes the moving line.
  func finish() {
    state.withLock { state in
      if state.isVisible { Self.write("\r\u{1B}[K") }
      state.isVisible = false
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
    guard Terminal.isWatched else { return }
    let line: String? = state.withLock { state in
      if state.task != what { (state.task, state.began) = (what, .now) }
      guard state.isDue(last: done >= total) else { return nil }
      let seconds = (ContinuousClock.now - state.began) / .seconds(1)
      let rate = Double(done) / max(seconds, 1e-9)
      let left = rate > 0 ? Double(total - done) / rate : 0
      return "\(what)  \(100 * done / max(total, 1)) %  \(Int(rate)) tokens/s"
        + "  \(ProgressLine.duration(left)) left"
    }
    if let line { Self.write("\r\u{1B}[K" + line) }
  }

  private func showLine(_ step: StepReport) {
    guard Terminal.isWatched,
      state.withLock({ $0.isDue(last: step.step == step.steps) })
    else { return }
    Self.write(
      "\r\u{1B}[K\(step.phase) \(step.step)/\(step.steps)  loss \(fixed(step.loss, 4))"
        + "  lr \(String(format: "%.1e", step.learningRate))"
        + "  \(Int(step.tokensPerSecond)) tokens/s  \(ProgressLine.duration(step.secondsLeft)) left"
    )
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
