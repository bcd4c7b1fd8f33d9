import Foundation
import Synchronization
import Training

/// What a run of training shows on standard error: a line that moves on a terminal, tables of
/// measures, notes. In a pipe the moving line stays away.
final class TrainingDisplay: Sendable {
  private let isLineVisible = Mutex(false)
  private let lastShown = Mutex(ContinuousClock.Instant.now)

  /// Shows an event.
  func show(_ event: TrainingEvent) {
    switch event {
    case .step(let step): showLine(step)
    case .note(let text): say(text)
    case .warning(let text): say("warning: \(text)")
    case .phase(let name, let lists, let steps): say("\(name): \(lists) lists, \(steps) steps")
    case .checkpoint(let path): say("checkpoint: \(path)")
    case .evaluation(let report, let split, let phase, let step, let isBest):
      say(
        "\(split) after step \(step) of \(phase)\(isBest ? ", the best so far" : "")\n"
          + Self.table(report))
    }
  }

  /// Removes the moving line.
  func finish() {
    isLineVisible.withLock { visible in
      if visible { Self.write("\r\u{1B}[K") }
      visible = false
    }
  }

  /// The measures of every order as columns of text, and the ceiling.
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
    return Terminal.table(rows)
  }

  private func say(_ text: String) {
    finish()
    Terminal.say(text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }

  private func showLine(_ step: StepReport) {
    guard Terminal.isWatched else { return }
    let now = ContinuousClock.now
    let isDue = lastShown.withLock { shown in
      guard now - shown > .milliseconds(100) || step.step == step.steps else { return false }
      shown = now
      return true
    }
    guard isDue else { return }
    isLineVisible.withLock { $0 = true }
    Self.write(
      "\r\u{1B}[K\(step.phase) \(step.step)/\(step.steps)  loss \(fixed(step.loss, 4))"
        + "  lr \(String(format: "%.1e", step.learningRate))"
        + "  \(Int(step.tokensPerSecond)) tokens/s  \(ProgressLine.duration(step.secondsLeft)) left")
  }

  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
